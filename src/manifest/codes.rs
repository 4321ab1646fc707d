//! Every code of a diagnostic. Codes are stable: scripts and people search for them, so none is used twice or
//! changes its meaning.

macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal;)*) => {
        $(#[doc = $title] pub const $name: &str = $code;)*

        /// Every code with its one-line title, in order.
        pub const CODES: &[(&str, &str)] = &[$(($code, $title)),*];
    };
}

codes! {
    // Files and YAML.
    SYNTAX = "WX1001", "the file is not YAML";
    NOT_UTF8 = "WX1002", "the file is not UTF-8";
    TOO_LARGE = "WX1003", "the file is too large";
    DUPLICATE_KEY = "WX1004", "a key is given twice in one map";
    TOO_MUCH = "WX1005", "the document nests or repeats itself too much";
    TAG = "WX1006", "a YAML tag that means nothing here";
    MERGE_KEY = "WX1007", "`<<` with something that is no map";
    NOT_A_KEY = "WX1008", "a map key that is not a text";

    // Documents and their fields.
    API_VERSION = "WX1101", "apiVersion is missing or wrong";
    KIND = "WX1102", "kind is missing or wrong";
    NAME = "WX1103", "a name that Kubernetes would not take";
    BLANK = "WX1104", "a field without a value";
    MISSING = "WX1105", "a required field is missing";
    TYPE = "WX1106", "a value of the wrong type";
    UNKNOWN_FIELD = "WX1107", "an unknown field";
    UNKNOWN_WORD = "WX1108", "a word that is not one of the choices";
    VALUE = "WX1109", "a value that cannot be right";
    CHOICE = "WX1110", "not exactly one of the choices";
    BOOLEAN = "WX1111", "`yes`, `on` and their kind where true or false is wanted";
    NUMBER = "WX1112", "a number with a leading zero";
    NOT_A_MAP = "WX1113", "the document is not a map";
    UNSEEN = "WX1114", "a text with characters that nobody sees, or over several lines";
    OUTER_BLANK = "WX1115", "a text that begins or ends with a blank";

    // What resources refuse.
    MENU_TOO_MANY = "WX1201", "too many menu buttons on the first level";
    MENU_CHOICE = "WX1202", "a menu button that does not do exactly one thing";
    MENU_NAME_LONG = "WX1203", "a menu button's name is too long";
    MENU_NAME_EMPTY = "WX1204", "a menu button without a name";
    MENU_KEY = "WX1205", "a menu button's key is empty or too long";
    MENU_URL = "WX1206", "a menu button's address is none, or too long";
    MENU_LEVELS = "WX1207", "a second menu level with the wrong number of buttons, or a third one";
    MENU_DOMAINS = "WX1208", "menus that lead to too many domains";
    MENU_MINI_PROGRAM = "WX1209", "a menu button that does not say which mini-program";
    OPEN_ACCOUNT = "WX1210", "openAccount is not exactly one of its choices";
    INDUSTRY_NAME = "WX1211", "an industry that WeChat does not have";
    INDUSTRY_TWICE = "WX1212", "both industries are the same";
    TEMPLATE_NAME = "WX1213", "a template's name that cannot be one, or that two have";
    TEMPLATE_SHORT_ID = "WX1214", "a short id that WeChat's template library cannot have";
    TEMPLATE_KEYWORDS = "WX1215", "a template's keywords are missing, empty or repeated";
    TEMPLATE_TITLE = "WX1216", "a template without a title";
    TEMPLATES_TOO_MANY = "WX1217", "more templates than an account can have";
    TEMPLATE_TWICE = "WX1218", "two items are one template";
    POLICY_RESOURCE = "WX1220", "a policy for something that is no resource";
    POLICY_PREAPPROVED = "WX1221", "a standing approval for something that is no costly action";
    CONDITIONAL_ALONE = "WX1241", "conditional menus without a default one";
    CONDITIONAL_RULE = "WX1242", "a conditional menu whose rule says nothing";
    CONDITIONAL_EMPTY = "WX1243", "a conditional menu without buttons";
    CONDITIONAL_HIDDEN = "WX1244", "a conditional menu behind another with the same rule";
    MENU_CONSOLE = "WX1245", "a `console` button that is none";
    CONDITIONAL_WITHDRAWN = "WX1246", "a rule that WeChat takes no new menu for";
    APP_NAME_TWICE = "WX1260", "two mini-programs of a tenant have one name";
    APP_APPID_TWICE = "WX1261", "one appid stands twice in a tenant";
    APP_RENAMED = "WX1262", "a mini-program is renamed from one that is still there";
    APP_NAME = "WX1263", "a mini-program's name that cannot be one";
    APP_SIGNATURE = "WX1264", "an introduction that is too short or too long";
    APP_BASE_LIBRARY = "WX1265", "a version of the base library that is none";
    APP_CATEGORY = "WX1266", "a category that is given neither by its names nor by its numbers";
    APP_CATEGORY_TWICE = "WX1267", "a category that is listed twice";
    FILE_CHOICE = "WX1270", "a file that is not named in exactly one way";
    FILE_ADDRESS = "WX1271", "a file's address or digest that cannot be one";
    FILE_OUTSIDE = "WX1272", "a file that lies outside the manifests";
    FILE_MISSING = "WX1273", "a file that is not there or cannot be read";
    FILE_KIND = "WX1274", "a file of a kind that WeChat does not take there";
    FILE_SIZE = "WX1275", "a file that is too large";
    AVATAR_CROP = "WX1276", "a crop that is no part of a picture";
    TAG_NAME = "WX1280", "a tag's name is empty or too long";
    TAG_TWICE = "WX1281", "two tags have one name";
    TAGS_TOO_MANY = "WX1282", "more tags than an account can have";
    CONDITIONAL_TAG_TWICE = "WX1283", "a conditional menu that names its tag twice";
    SUBSCRIBE_NAME = "WX1284", "a subscription template's name that cannot be one, or that two have";
    SUBSCRIBE_ITEM = "WX1285", "a subscription template that WeChat's library cannot have";
    SUBSCRIBE_TOO_MANY = "WX1286", "more subscription templates than an account can have";
    SUBSCRIBE_TWICE = "WX1287", "two items are one subscription template";
    NO_APP = "WX1290", "a name that none of the tenant's mini-programs has";
    LINK_TWICE = "WX1291", "one mini-program stands twice among the links";
    LINK_CHOICE = "WX1292", "a link that does not say which mini-program";
    DOMAINS_VIA = "WX1293", "domains that do not say which way they are set";
    DOMAIN_HOST = "WX1294", "a domain that is no host WeChat takes";
    DOMAIN_PORT = "WX1295", "a domain whose port is none, or may not be there";
    DOMAIN_TWICE = "WX1296", "a host that stands twice in a list";
    DOMAINS_TOO_MANY = "WX1297", "more domains than a list can have";
    DOMAIN_PRINCIPALS = "WX1298", "a host that is set directly for too many principals";
    NICKNAME = "WX1300", "a name that WeChat does not take for a mini-program";

    // Between documents.
    TENANT_APPID_TWICE = "WX1301", "two tenants claim one account";
    PLATFORM_APPID_TWICE = "WX1302", "two platforms have one appid";
    NAME_TWICE = "WX1303", "two documents of one kind have one name";
    NO_PLATFORM = "WX1304", "the platform a tenant refers to does not exist";
    NO_CLASS = "WX1305", "the class a tenant refers to does not exist";
    SECRET_KEY = "WX1306", "a Secret that cannot be used";
    INCOMPLETE = "WX1307", "a tenant without a platform after the merge";
    NO_VALUE = "WX1308", "a placeholder without a value";
    PLACEHOLDER = "WX1309", "a placeholder that is malformed or stands where none may be";
    API_BASE = "WX1310", "apiBase is not a loopback address";
    CLASS_OF_CLASS = "WX1311", "a class that refers to a class";
    NAMESPACE = "WX1312", "a platform in a namespace that does not allow this tenant's";
    APPROVAL_SHAPE = "WX1313", "an approval that approves nothing clear";
    APPROVAL_DIGEST = "WX1314", "an approval of something that is no whole digest";
    APPROVAL_OF_NOTHING = "WX1315", "an approval for a tenant or platform that does not exist";
    VIA = "WX1316", "the domains of one mini-program are to go two ways";
    PLATFORM_AS_ACCOUNT = "WX1317", "a tenant whose account is a platform";
    GROWS = "WX1318", "placeholders, or a class, that make too much of too little";
    TESTER = "WX1319", "a tester that is no WeChat id, or stands twice";

    // The documents of categories.
    CERTIFICATE_FILE = "WX1330", "a certificate without a picture";
    CERTIFICATE_KEY = "WX1331", "a certificate without a name";
    CERTIFICATE_TWICE = "WX1332", "a category with two certificates of one name";
    CERTIFICATE_DAY = "WX1333", "a certificate's last day that is no day";
    CERTIFICATE_EXPIRED = "WX1334", "a certificate that has expired";
    CERTIFICATE_FOR_EVER = "WX1335", "a certificate that expires and is good for ever";
    CERTIFICATES_TOO_MANY = "WX1336", "more certificates than a category can have";
    REGISTRATION = "WX1340", "a registration that does not say how";
    PLATFORM_HOST = "WX1341", "a host that cannot stand in a platform's list, or too many of them";
    HOST_NOT_LISTED = "WX1342", "a host that a mini-program has through the platform, and the platform's list lacks";
    PLATFORM_HOST_TWICE = "WX1343", "a host that stands twice in a platform's list";
    DNS_PREFETCH_TOO_MANY = "WX1344", "more hosts in `dnsPrefetch` than WeChat takes as a rule";
    FOLLOW_COMPONENT_OF_AN_APP = "WX1345", "a follow component that shows what is no official account";
    REGISTRATION_BESIDES = "WX1346", "`besides` that names an account twice, or the official account";
    REGISTRATION_WITHOUT_OFFICIAL = "WX1347", "a registration without an official account to register through";
    CODE_TEMPLATE = "WX1348", "which template code is made of";
    CODE_EXT = "WX1349", "an `ext.json` that WeChat would not take";
    DNS_PREFETCH_HOST = "WX1350", "a host whose name cannot be resolved ahead";
    DNS_PREFETCH_TWICE = "WX1351", "a host that stands twice in `dnsPrefetch`";
    DATA_PREFETCH_CHOICE = "WX1352", "data that does not come from exactly one source";
    DATA_PREFETCH_SOURCE = "WX1353", "an address or a cloud function that data cannot come from";
    FOLLOW_COMPONENT = "WX1354", "a follow component that does not say which official account";
    PLUGIN_TWICE = "WX1355", "a plugin that stands twice";
    PLUGIN_TEXT = "WX1356", "a plugin whose version or reason says nothing";
    LOCATION_API_NAME = "WX1357", "a location API's name that cannot be one, or stands twice";
    LOCATION_API_REASON = "WX1358", "a reason for a location API that is empty or too long";
    LOCATION_API_MEDIA = "WX1359", "pictures or a video for a location API that WeChat does not take";
    ORDER_PATH = "WX1360", "a page of orders that is none of a mini-program";
    ORDER_PATH_MEDIA = "WX1361", "pictures or a video of a page of orders that WeChat does not take";
    PERSON = "WX1362", "a person for whom no mini-program can be registered";
    REGISTRATION_ENDED = "WX1363", "a way to register that WeChat has ended, or does not describe";
    CODE_AUDIT = "WX1364", "what the reviewers of code are told";
    CODE_GRAY = "WX1365", "shares of a gray release that WeChat does not take";
    PRIVACY_OWNER = "WX1366", "whom users can ask about their data";
    PRIVACY_PURPOSE = "WX1367", "what is collected, and what for";
    WINDOW = "WX1368", "times at which code may be submitted or released";

    // Warnings.
    UNUSED_VALUE = "WX1401", "a value that no placeholder uses";
    UNUSED_CLASS = "WX1402", "a class that no tenant uses";
    FOREIGN = "WX1403", "a document of another program";
    SECRET_ELSEWHERE = "WX1404", "a Secret that is not among these documents";
    APPROVAL_EXPIRED = "WX1405", "an approval that has expired";
    FOREIGN_PLACEHOLDER = "WX1406", "a placeholder of another program's";

    // Not built yet.
    KIND_LATER = "WX1901", "a kind that this version does not support yet";
    FIELD_LATER = "WX1902", "a field that this version does not support yet";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        let codes: Vec<&str> = CODES.iter().map(|(code, _)| *code).collect();
        let mut sorted = codes.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(codes, sorted);
    }
}

# Broken on purpose where domains are looked after, one promise at a time: WHAT FILE FROM TO TEST-TARGET TEST.
# shellcheck shell=bash

mutation 'what is stored is sent again' \
  src/resource/app/domains/server.rs \
  'let call = domain::add_request(view.account(), way, &add);' \
  'let call = domain::add_request(view.account(), way, &wanted(spec, way, view));' \
  '--lib' all_that_is_missing_is_one_call_and_all_that_is_too_much_another

mutation 'what the merchant’s next release drops is not named' \
  src/resource/app/domains/server.rs \
  'let all = stored.values().chain(console.values()).flatten();' \
  'let all = stored.values().chain(console.values().skip(9)).flatten();' \
  '--lib' what_the_next_release_drops_is_named

mutation 'a list that nobody declares is emptied' \
  src/resource/app/domains/spec.rs \
  'let list = self.own(class).or(filled)?;' \
  'let none = Vec::new();
            let list = self.own(class).or(filled).unwrap_or(&none);' \
  '--lib' all_that_is_missing_is_one_call_and_all_that_is_too_much_another

mutation 'capitals are a difference' \
  src/wechat/domain/host.rs \
  'let domain = domain.trim().to_ascii_lowercase();' \
  'let domain = domain.trim().to_owned();' \
  '--lib' capitals_and_slashes_are_no_difference

mutation 'the two ways are mixed' \
  src/resource/app/domains/mod.rs \
  'if alone.is_empty() {' \
  'if alone.len() < 99 {' \
  '--lib' the_two_ways_are_not_mixed

mutation 'the two ways are mixed for pages' \
  src/resource/app/domains/mod.rs \
  'alone.extend(theirs_webview.filter(|domain| !own_webview.contains(*domain)));' \
  'alone.extend(theirs_webview.filter(|domain| own_webview.contains(*domain)));' \
  '--lib' the_two_ways_are_not_mixed_for_pages_either

mutation 'the way of pages is not looked at where no servers are declared' \
  src/resource/app/domains/mod.rs \
  'let theirs = state::effective(view).unwrap_or_default();' \
  'let theirs = state::effective(view).ok()?;' \
  '--test all' domains_of_the_other_way

mutation 'a host without filing is not named' \
  src/resource/app/domains/refused.rs \
  'if unfiled.contains(host(&domain)) {' \
  'if unfiled.len() > 9 {' \
  '--lib' what_was_left_out_of_a_change_waits_host_by_host_and_is_not_sent_again

mutation 'pages that are there are put out by what is put' \
  src/resource/app/domains/webview.rs \
  'domain::webview_set_request(account, &due.wanted);' \
  'domain::webview_set_request(account, &due.add);' \
  '--lib' a_page_is_put_directly_once_its_host_serves_the_file

mutation 'a page is put before its host serves the confirm file' \
  src/resource/app/domains/webview.rs \
  'Way::Direct => unserved(domain, view),' \
  'Way::Direct => unserved(domain, view).filter(Result::is_err),' \
  '--lib' a_page_is_put_directly_once_its_host_serves_the_file

mutation 'a page is added that the platform’s list lacks' \
  src/resource/app/domains/webview.rs \
  '(!listed.covers(host)).then(' \
  '(!listed.covers(host) && host.is_empty()).then(' \
  '--lib' pages_through_the_platform_are_added_and_deleted

mutation 'the merchant’s own pages that the next release drops are not named' \
  src/resource/app/domains/webview.rs \
  '.chain(effective.console.iter().flatten());' \
  '.chain(effective.console.iter().skip(1).flatten());' \
  '--lib' pages_that_the_next_release_drops_are_named_the_merchants_own_too

mutation 'a host leaves the platform’s published list without a yes' \
  src/resource/platform_domains/mod.rs \
  'step.costly = Some(Costly::RemoveHosts);' \
  'step.costly = Some(Costly::RemoveHosts).filter(|_| crowded);' \
  '--lib' what_leaves_the_published_list_costs_and_what_leaves_the_testing_list_alone_does_not

mutation 'lists that differ are in sync' \
  src/resource/platform_domains/mod.rs \
  'if hosts.stands_everywhere(host) {' \
  'if hosts.all().contains(host) {' \
  '--lib' what_is_missing_in_either_list_is_added_to_both_by_one_call

mutation 'a page is added to the platform’s list before its host serves the confirm file' \
  src/resource/platform_domains/mod.rs \
  'List::Webview => state::unserved(host, view),' \
  'List::Webview => state::unserved(host, view).filter(|_| host.is_empty()),' \
  '--lib' a_page_is_added_once_its_host_serves_the_confirm_file

mutation 'a host that WeChat left out of the platform’s list is sent again' \
  src/resource/platform_domains/mod.rs \
  'match remembered(&key, view).or_else(unserved) {' \
  'match remembered(&key, view).filter(|_| host.is_empty()).or_else(unserved) {' \
  '--lib' a_host_that_was_left_out_waits_with_its_reason_and_the_others_go_on

mutation 'a removal counts as done once one of its hosts is gone' \
  src/resource/platform_domains/journal.rs \
  'if listed.all().is_disjoint(&hosts) {' \
  'if !listed.all().is_superset(&hosts) {' \
  '--lib' a_removal_without_an_answer_is_settled_by_its_own_list

mutation 'capitals of a platform’s host are a difference' \
  src/resource/platform_domains/spec.rs \
  'host.trim().to_ascii_lowercase()' \
  'host.trim().to_owned()' \
  '--lib' what_is_missing_in_either_list_is_added_to_both_by_one_call

mutation 'a host leaves the platform’s list while a tenant lives by it' \
  src/controller/fleet/keeping.rs \
  'if let Some(host) = missed_host(&tenant.spec, lists) {' \
  'if let Some(host) = missed_host(&tenant.spec, lists).filter(String::is_empty) {' \
  '--test all' a_host_leaves_the_platforms_list_after_the_last_tenant_that_has_it

mutation 'a list that was not declared before counts as losing nothing' \
  src/controller/fleet/keeping.rs \
  'before.is_some_and(|before| before.is_subset(hosts))' \
  'before.is_none_or(|before| before.is_subset(hosts))' \
  '--test all' a_list_that_was_not_declared_before_may_lack_a_host_that_a_tenant_lives_by

mutation 'a server below a listed host counts as listed' \
  src/manifest/platforms.rs \
  'self.list == WEBVIEW && rest' \
  'rest' \
  '--lib' a_page_may_be_below_a_listed_host_and_a_server_may_not

mutation 'a page whose host ends like a listed one counts as listed' \
  src/manifest/platforms.rs \
  'rest.is_some_and(|rest| rest.ends_with('"'.'"'))' \
  'rest.is_some()' \
  '--lib' a_page_may_be_below_a_listed_host_and_a_server_may_not

mutation 'one principal more than a host may serve' \
  src/manifest/principals.rs \
  'known.len() == MOST_PRINCIPALS + 1 {' \
  'known.len() == MOST_PRINCIPALS + 2 {' \
  '--test all' every_mistake_has_its_code_and_its_place

mutation 'a host that is set through the platform has the limit of principals' \
  src/manifest/principals.rs \
  'declared.filter(|one| one.via == Some(Via::Direct))' \
  'declared.filter(|one| one.via.is_some())' \
  '--lib' through_the_platform_a_host_serves_any_number_of_principals

mutation 'pages do not count for the limit of principals' \
  src/manifest/principals.rs \
  'server.chain(domains.webview().unwrap_or_default())' \
  'server.chain(domains.webview().filter(|_| hosts.len() > 99).unwrap_or_default())' \
  '--lib' pages_that_are_set_directly_have_the_limit_of_servers

mutation 'pages of followers are not counted' \
  src/cli/users.rs \
  'if let Some(full) = counted(session, &account).await? {' \
  'if let (Some(full), true) = (counted(session, &account).await?, sofar.printed == 0) {' \
  '--test all' users_exported_until_the_day_is_used_up

mutation 'an export goes on where nobody takes what is printed' \
  src/cli/users.rs \
  'if io.lost().is_some() {' \
  'if io.lost().is_some() && sofar.printed > 999_999 {' \
  '--test all' an_export_of_followers_ends_where_the_disk_is_full_and_says_how_to_go_on

mutation 'an export that goes on begins with another head' \
  src/cli/users.rs \
  'if output == Format::Csv && sofar.after.is_empty() {' \
  'if output == Format::Csv {' \
  '--test all' users_exported_until_the_day_is_used_up

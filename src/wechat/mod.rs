//! WeChat on the wire, no I/O: one file per API family, the errcode table, the push envelope.

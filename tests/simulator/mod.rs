//! The simulator from outside: what it answers on the wire and what its control API does. WeChat's documents are
//! the yardstick, not the client next door.

mod addons;
mod code;
mod conditional;
mod control;
mod credentials;
mod docs;
mod domains;
mod faults;
mod flow;
mod http;
mod links;
mod media;
mod menus;
mod miniprogram;
mod odd_answers;
mod odd_effects;
mod pages;
mod push_forms;
mod push_troubles;
mod pushes;
mod registration;
mod rows;
mod sink;
mod subscriptions;
mod table;
mod tags;
mod template_switches;
mod templates;
mod users;
mod world;

#pragma once

#include <string>
#include <vector>

#include "connector/destination.h"
#include "connectors/mysql/connection/connection.h"

namespace godwit::connectors::mysql {

// Creates views, routines, triggers, events and sequences in an order in which each finds what it
// refers to. One that is there and is the same is kept; one that differs is an error unless
// `if_exists` says to replace it. The connection is one with UTF-8 text.
base::Status CreateObjects(Connection& target, std::vector<connector::CatalogObject> objects,
                           connector::IfExists if_exists);

// Whether the target has one of its name that differs. One that came from a server of the other
// kind may be the same all the same, being written in other words. Changes nothing.
base::StatusOr<bool> HasOther(Connection& target, const connector::CatalogObject& object);

// The word for its kind, and its name: "EVENT `shop`.`nightly`".
std::string Named(const connector::CatalogObject& object);

base::Status DropObjects(Connection& target, const std::vector<connector::CatalogObject>& objects);

}  // namespace godwit::connectors::mysql

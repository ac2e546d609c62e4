#pragma once

#include <set>

#include "connector/check_list.h"
#include "connectors/postgres/connection/connection.h"
#include "model/table.h"

// What a target has besides tables, against what is to be made there.
namespace godwit::connectors::postgres {

// Views, routines and their like that are there in other words, and extensions that its machine has
// not.
void CheckObjects(Connection& target, const connector::CheckScope& scope,
                  const connector::Catalog& catalog, connector::CheckList& list);

// Triggers and rules of the task's tables that act on what Godwit writes. `own`: the tables that
// the task has made.
void CheckFiring(Connection& target, const connector::CheckScope& scope,
                 const connector::Catalog& catalog, const std::set<model::TableName>& own,
                 connector::CheckList& list);

// That the roles are there which rights are migrated of.
void CheckRoles(Connection& target, const connector::Catalog& catalog, connector::CheckList& list);

}  // namespace godwit::connectors::postgres

#pragma once

#include <set>

#include "connector/destination.h"

namespace godwit::pipeline {

// Adds to `found` all tables that a change of `parent` may reach by the keys of `graph`.
void AddDescendants(const connector::ForeignKeyGraph& graph, const model::TableName& parent,
                    std::set<model::TableName>& found);

}  // namespace godwit::pipeline

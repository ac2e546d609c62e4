#pragma once

#include <nlohmann/json.hpp>

#include "server/checks.h"
#include "server/ddl_decision.h"
#include "server/plan.h"
#include "server/removal.h"

// Reports as JSON objects, for commands and for the portal alike.
namespace godwit::server {

using Json = nlohmann::ordered_json;

// {"passed": ..., "warnings": ..., "failed": ..., "items": [...]}
Json CheckJson(const connector::CheckReport& report);
Json PlanJson(const config::Task& task, const TaskPlan& plan);
Json DdlJson(const std::string& task, const DdlStanding& standing);
Json RemovalJson(const std::string& task, const Removal& removal);

// As text; what is no UTF-8 is replaced. `indent` -1: on one line.
std::string ToText(const Json& json, int indent = -1);

}  // namespace godwit::server

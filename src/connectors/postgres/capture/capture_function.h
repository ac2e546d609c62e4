#pragma once

#include <string>
#include <string_view>

#include "connectors/postgres/capture/ddl_capture.h"

// The function of the event triggers, in PL/pgSQL.
namespace godwit::connectors::postgres {

// Whether a table belongs to the task, by expressions for its schema and name.
std::string MatchCondition(const CaptureScope& scope, std::string_view schema,
                           std::string_view name);

std::string CaptureFunctionBody(const std::string& publication, const std::string& prefix,
                                const CaptureScope& scope, int server_version);

// CREATE OR REPLACE FUNCTION; `function`: its name, as SQL.
std::string CreateCaptureFunction(const std::string& function, const std::string& publication,
                                  const std::string& prefix, const CaptureScope& scope,
                                  int server_version);

}  // namespace godwit::connectors::postgres

#pragma once

#include <string>
#include <vector>

#include "cli/text/json_fields.h"

// What a master's answers say, for people: tables of a line each, and below them what is wrong and
// what to do about it.
namespace godwit::cli {

std::vector<std::string> FileLines(const Json& answer);          // GET of a source or task
std::vector<std::string> SourceLines(const Json& answer);        // GET /sources
std::vector<std::string> SourceStatusLines(const Json& answer);  // of ReadStatus
std::vector<std::string> SchemaLines(const Json& answer);        // GET .../schemas
std::vector<std::string> TableListLines(const Json& answer);     // GET .../tables
std::vector<std::string> TaskLines(const Json& answer);          // GET /tasks
std::vector<std::string> TaskStatusLines(const Json& answer);    // of ReadStatus
std::vector<std::string> MemberLines(const Json& answer);        // GET /members
std::vector<std::string> RelayLines(const Json& answer);         // GET .../relay
std::vector<std::string> CheckedLines(const Json& answer);       // POST .../check
std::vector<std::string> PlannedLines(const Json& answer);       // POST .../plan
std::vector<std::string> RemovedLines(const Json& answer);       // DELETE /tasks/{task}
// GET /tasks/{task}/export; of one source, or of all.
std::vector<std::string> ExportedLines(const Json& answer, const std::string& source);
std::vector<std::string> DdlErrorLines(const std::string& task, const Json& answer);  // .../errors

}  // namespace godwit::cli

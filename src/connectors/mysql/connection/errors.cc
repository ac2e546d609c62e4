#include "connectors/mysql/connection/errors.h"

namespace godwit::connectors::mysql {
namespace {

using base::StatusCode;

struct Meaning {
  unsigned code;
  StatusCode status;
  std::string_view remedy;
};

// Errors with a meaning of their own; every other one needs the operator and speaks for itself.
// Numbers: mysqld_error.h (server, from 1000) and errmsg.h (client, from 2000).
constexpr Meaning kMeanings[] = {
    {1021, StatusCode::kFailedPrecondition,
     "free space on the target's disk, then run the task again"},
    {1114, StatusCode::kFailedPrecondition,
     "free space on the target's disk, then run the task again"},
    {1040, StatusCode::kUnavailable, ""},
    {1049, StatusCode::kNotFound, ""},
    {1053, StatusCode::kUnavailable, ""},
    {1146, StatusCode::kNotFound, ""},
    {1152, StatusCode::kUnavailable, ""},
    {1158, StatusCode::kUnavailable, ""},
    {1159, StatusCode::kUnavailable, ""},
    {1160, StatusCode::kUnavailable, ""},
    {1161, StatusCode::kUnavailable, ""},
    {1184, StatusCode::kUnavailable, ""},
    {1205, StatusCode::kUnavailable, ""},
    {1213, StatusCode::kAborted, ""},
    {1317, StatusCode::kUnavailable, ""},
    {1927, StatusCode::kUnavailable, ""},
    {2002, StatusCode::kUnavailable, ""},
    {2003, StatusCode::kUnavailable, ""},
    {2005, StatusCode::kFailedPrecondition, "check the host in the url"},
    {2006, StatusCode::kUnavailable, ""},
    {2013, StatusCode::kUnavailable, ""},
    {4031, StatusCode::kUnavailable, ""},
    {2026, StatusCode::kUnavailable, ""},
    {2055, StatusCode::kUnavailable, ""},
    {2061, StatusCode::kFailedPrecondition,
     "a password is sent over TLS (`ssl.mode: preferred` or more), or sealed with the server's "
     "public key, where it has one: see its caching_sha2_password_auto_generate_rsa_keys"},
    {1044, StatusCode::kFailedPrecondition,
     "grant the right to the user in the url; `godwit check` lists what is needed"},
    {1045, StatusCode::kFailedPrecondition, "check the user in the url and its password"},
    {1142, StatusCode::kFailedPrecondition,
     "grant the right to the user in the url; `godwit check` lists what is needed"},
    {1143, StatusCode::kFailedPrecondition,
     "grant the right to the user in the url; `godwit check` lists what is needed"},
    {1227, StatusCode::kFailedPrecondition,
     "grant the right to the user in the url; `godwit check` lists what is needed"},
    {1153, StatusCode::kFailedPrecondition, "raise max_allowed_packet on that server"},
    {1416, StatusCode::kFailedPrecondition,
     "a row has a shape that this server does not take: MySQL takes no line of fewer than two "
     "points, no ring of fewer than four, and no polygon or MULTI... with nothing in it. Change "
     "such rows on the source, or exclude the table"},
    {1236, StatusCode::kFailedPrecondition,
     "the source's log no longer reaches back to where the task stands: a new copy is needed "
     "(`godwit run --restart`)"},
};

constexpr unsigned kTlsError = 2026;

// The library has one number for a handshake that was cut, which may work the next time, and for a
// server that is not who it has to be.
bool IsRefusal(unsigned code, std::string_view message) {
  return code == kTlsError && (message.find("certificate") != std::string_view::npos ||
                               message.find("required") != std::string_view::npos);
}

}  // namespace

bool IsOfAnotherReader(std::string_view message) {
  return message.find("same server_uuid/server_id") != std::string_view::npos;
}

base::Status StatusOfError(unsigned code, std::string_view message, std::string_view doing) {
  if (IsRefusal(code, message)) {
    return base::FailedPrecondition(
        "{}: {} (error {}); ssl.mode and ssl.ca in the task file say what the server has to prove",
        doing, message, code);
  }
  // It may be a run that this one has taken the task over from, or the other way round: the target
  // tells.
  if (IsOfAnotherReader(message)) {
    return base::Unavailable(
        "{}: {} (error {}): another run of this task; tasks that read from one source need "
        "different names",
        doing, message, code);
  }
  for (const Meaning& meaning : kMeanings) {
    if (meaning.code != code) continue;
    return base::Status(meaning.status,
                        fmt::format("{}: {} (error {}){}{}", doing, message, code,
                                    meaning.remedy.empty() ? "" : "; ", meaning.remedy));
  }
  return base::FailedPrecondition("{}: {} (error {})", doing, message, code);
}

bool IsAboutWords(std::string_view warning) {
  // ER_WARN_DEPRECATED_SYNTAX, ..._UTF8_ALIAS_CHARSET, ..._UTF8MB3_CHARSET, ..._UTF8MB3_COLLATION,
  // and MyISAM's tables together with InnoDB's in one transaction
  return warning == "1287" || warning == "3719" || warning == "3720" || warning == "3778" ||
         warning == "6414";
}

}  // namespace godwit::connectors::mysql

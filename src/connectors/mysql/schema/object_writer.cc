#include "connectors/mysql/schema/object_writer.h"

#include <absl/strings/str_replace.h>

#include <algorithm>

#include "base/failpoint.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/schema/target_definition.h"

namespace godwit::connectors::mysql {
namespace {

using connector::CatalogObject;
using connector::IfExists;
using connector::ObjectKind;

// The word that SHOW CREATE and DROP know an object by.
std::string_view WordFor(const CatalogObject& object) {
  switch (object.kind) {
    case ObjectKind::kView:
      return "VIEW";
    case ObjectKind::kTrigger:
      return "TRIGGER";
    case ObjectKind::kEvent:
      return "EVENT";
    case ObjectKind::kSequence:
      return "SEQUENCE";
    case ObjectKind::kRoutine:
    case ObjectKind::kType:  // no server of the family has these
    case ObjectKind::kExtension:
    case ObjectKind::kTableSequence:
    case ObjectKind::kTableRoutine:
    case ObjectKind::kStatistics:
    case ObjectKind::kPartitioned:
    case ObjectKind::kRights:
      break;
  }
  return object.statement.find(" FUNCTION ") < object.statement.find('(') ? "FUNCTION"
                                                                          : "PROCEDURE";
}

base::Status UseSession(Connection& target, const CatalogObject& object) {
  if (!object.session.empty()) GODWIT_RETURN_IF_ERROR(target.Execute(object.session).status());
  if (object.time_zone.empty()) return base::OkStatus();
  const base::Status set =
      target.Execute("SET SESSION time_zone=" + QuoteText(object.time_zone)).status();
  return base::Annotate(set,
                        "time zones that have names have to be loaded there (mysql_tzinfo_to_sql)");
}

base::Status Create(Connection& target, const CatalogObject& object) {
  GODWIT_RETURN_IF_ERROR(target.Execute("USE " + QuoteName(object.schema)).status());
  base::Failpoint("schema.before_create_object");
  GODWIT_ASSIGN_OR_RETURN(const std::string sql_mode, target.QueryValue("SELECT @@sql_mode"));
  // Literals of later statements are written for it.
  GODWIT_ASSIGN_OR_RETURN(const std::string collation,
                          target.QueryValue("SELECT @@collation_connection"));
  base::Status created = UseSession(target, object);
  if (created.ok()) created = target.Execute(object.statement).status();
  if (absl::IsUnavailable(created)) return created;
  GODWIT_RETURN_IF_ERROR(
      target
          .Execute(
              fmt::format("SET SESSION time_zone='+00:00', collation_connection={}, sql_mode={}",
                          QuoteText(collation), QuoteText(sql_mode)))
          .status());
  return created.ok() ? created : base::Annotate(created, "creating " + Named(object));
}

// The column of SHOW CREATE's row that has the statement is not the same for all kinds of object.
// The task's events are disabled here, and may have been enabled since.
std::string Shown(const CatalogObject& object, const ResultRow& row) {
  for (const auto& cell : row) {
    if (!cell || !cell->starts_with("CREATE ")) continue;
    return object.kind == ObjectKind::kEvent ? WithEventDisabled(*cell) : *cell;
  }
  return "";
}

// As the target shows it.
struct Seen {
  std::string statement;
  std::string time_zone;  // of an event
};

bool IsSame(const Seen& seen, const CatalogObject& object) {
  return seen.statement == object.statement && seen.time_zone == object.time_zone;
}

// Nothing where it has none.
base::StatusOr<std::optional<Seen>> ReadObject(Connection& target, const CatalogObject& object) {
  // The names of the session's own database are shown without it; the source showed them in full.
  GODWIT_RETURN_IF_ERROR(target.Execute("USE information_schema").status());
  auto shown = target.Query("SHOW CREATE " + Named(object));
  if (absl::IsUnavailable(shown.status())) return shown.status();
  if (!shown.ok() || shown->empty()) return std::optional<Seen>();
  const ResultRow& row = shown->front();
  const bool event = object.kind == ObjectKind::kEvent;
  return std::optional<Seen>({Shown(object, row), event ? row[kTimeZoneOfEvent].value_or("") : ""});
}

// As Create. The server drops an event whose time is past as soon as it is made; the source has one
// that was disabled before: to be kept, it is made at an earlier time.
base::Status CreateAtItsTime(Connection& target, const CatalogObject& object) {
  GODWIT_RETURN_IF_ERROR(Create(target, object));
  if (object.kind != ObjectKind::kEvent) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(std::optional<Seen> shown, ReadObject(target, object));
  if (shown) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(
      base::Annotate(target.Execute("SET SESSION timestamp=1").status(),
                     Named(object) + ", whose time is past, is made at an earlier one"));
  const base::Status created = Create(target, object);
  if (absl::IsUnavailable(created)) return created;
  GODWIT_RETURN_IF_ERROR(target.Execute("SET SESSION timestamp=DEFAULT").status());
  GODWIT_RETURN_IF_ERROR(created);
  GODWIT_ASSIGN_OR_RETURN(shown, ReadObject(target, object));
  if (shown) return base::OkStatus();
  return base::FailedPrecondition(
      "target: it does not keep {}, whose time is past; drop it on the source, or leave events out "
      "of `objects` in the task file",
      Named(object));
}

// Whether `shown`, the target's text, is what the target makes of an object of the other kind of
// server, which writes the same in other words: it is made under another name to see.
base::StatusOr<bool> IsMadeOf(Connection& target, const CatalogObject& object, const Seen& shown) {
  if (object.time_zone != shown.time_zone) return false;
  if (object.kind == ObjectKind::kTrigger || object.kind == ObjectKind::kSequence) return false;
  CatalogObject probe = object;
  probe.name = "godwit_probe_of_" + std::to_string(target.thread_id());
  std::string own = " " + QuoteName(object.name) + "(";
  if (object.kind == ObjectKind::kView) own = QuoteName(object.name) + " AS ";
  if (object.kind == ObjectKind::kEvent) own = " " + QuoteName(object.name) + " ON SCHEDULE ";
  const std::string other =
      absl::StrReplaceAll(own, {{QuoteName(object.name), QuoteName(probe.name)}});
  if (const size_t at = probe.statement.find(own); at != std::string::npos)
    probe.statement.replace(at, own.size(), other);
  else
    return false;
  const std::string drop =
      fmt::format("DROP {} IF EXISTS {}", WordFor(probe), QuoteName({probe.schema, probe.name}));
  GODWIT_RETURN_IF_ERROR(target.Execute(drop).status());  // one of a run that was killed
  base::Status made = CreateAtItsTime(target, probe);
  if (absl::IsUnavailable(made)) return made;
  if (!made.ok()) return false;
  GODWIT_ASSIGN_OR_RETURN(std::optional<Seen> written, ReadObject(target, probe));
  GODWIT_RETURN_IF_ERROR(target.Execute(drop).status());
  std::string text = written ? std::move(written->statement) : "";
  if (const size_t at = text.find(other); at != std::string::npos)
    text.replace(at, other.size(), own);
  return text == shown.statement;
}

// What is the task's is disabled while changes are applied. ALTER EVENT would make it the event of
// Godwit's own user, so that one that is enabled is to be made anew.
base::StatusOr<bool> DropIfEnabled(Connection& target, const CatalogObject& object) {
  if (object.kind != ObjectKind::kEvent) return false;
  GODWIT_ASSIGN_OR_RETURN(
      const std::string enabled,
      target.QueryValue(fmt::format("SELECT COUNT(*) FROM information_schema.events WHERE "
                                    "event_schema = {} AND event_name = {} AND status = 'ENABLED'",
                                    QuoteText(object.schema), QuoteText(object.name))));
  if (enabled == "0") return false;
  GODWIT_RETURN_IF_ERROR(target.Execute("DROP " + Named(object)).status());
  return true;
}

// Whether the object is there already; an error when it differs and must not be replaced.
base::StatusOr<bool> Stands(Connection& target, const CatalogObject& object, IfExists if_exists) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<Seen> shown, ReadObject(target, object));
  if (!shown) return false;
  bool same = IsSame(*shown, object);
  if (!same && object.dialect != DialectName(target.flavour())) {
    GODWIT_ASSIGN_OR_RETURN(same, IsMadeOf(target, object, *shown));
  }
  if (same) {
    GODWIT_ASSIGN_OR_RETURN(const bool dropped, DropIfEnabled(target, object));
    return !dropped;
  }
  if (if_exists != IfExists::kReplace) {
    return base::MakeStatus(
        base::StatusCode::kAlreadyExists,
        "target: {} exists already and differs; drop it, or say target: {{if_exists: replace}} in "
        "the task file",
        Named(object));
  }
  GODWIT_RETURN_IF_ERROR(target.Execute("DROP " + Named(object)).status());
  return false;
}

}  // namespace

std::string Named(const CatalogObject& object) {
  return fmt::format("{} {}", WordFor(object), QuoteName({object.schema, object.name}));
}

base::StatusOr<bool> HasOther(Connection& target, const CatalogObject& object) {
  GODWIT_ASSIGN_OR_RETURN(const CatalogObject here, ObjectFor(target, object));
  GODWIT_ASSIGN_OR_RETURN(const std::optional<Seen> shown, ReadObject(target, here));
  return shown && !IsSame(*shown, here);
}

base::Status CreateObjects(Connection& target, std::vector<CatalogObject> objects,
                           IfExists if_exists) {
  for (CatalogObject& object : objects) {
    GODWIT_ASSIGN_OR_RETURN(object, ObjectFor(target, std::move(object)));
  }
  // Go round until none is left, or none of a round could be made.
  while (!objects.empty()) {
    std::vector<CatalogObject> left;
    base::Status refused;
    for (CatalogObject& object : objects) {
      GODWIT_ASSIGN_OR_RETURN(bool stands, Stands(target, object, if_exists));
      base::Status created = stands ? base::OkStatus() : CreateAtItsTime(target, object);
      if (created.ok() && !object.after.empty()) created = target.Execute(object.after).status();
      if (created.ok()) continue;
      if (absl::IsUnavailable(created)) return created;
      refused = std::move(created);
      left.push_back(std::move(object));
    }
    if (left.size() == objects.size()) return refused;
    objects = std::move(left);
  }
  return base::OkStatus();
}

base::Status DropObjects(Connection& target, const std::vector<CatalogObject>& objects) {
  for (const CatalogObject& object : objects) {
    GODWIT_RETURN_IF_ERROR(target
                               .Execute(fmt::format("DROP {} IF EXISTS {}", WordFor(object),
                                                    QuoteName({object.schema, object.name})))
                               .status());
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::mysql

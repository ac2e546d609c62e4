#include "connectors/mysql/object_writer.h"

#include <algorithm>

#include "base/failpoint.h"
#include "connectors/mysql/literal.h"

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
      break;
  }
  return object.statement.find(" FUNCTION ") < object.statement.find('(') ? "FUNCTION"
                                                                          : "PROCEDURE";
}

std::string Named(const CatalogObject& object) {
  return fmt::format("{} {}", WordFor(object), QuoteName({object.schema, object.name}));
}

// Whether the object is there already; an error when it differs and must not be replaced.
base::StatusOr<bool> Stands(Connection& target, const CatalogObject& object, IfExists if_exists) {
  // The names of the session's own database are shown without it; the source showed them in full.
  GODWIT_RETURN_IF_ERROR(target.Execute("USE information_schema").status());
  auto shown = target.Query("SHOW CREATE " + Named(object));
  if (!shown.ok())
    return absl::IsUnavailable(shown.status()) ? base::StatusOr<bool>(shown.status()) : false;
  if (shown->empty()) return false;
  const ResultRow& row = shown->front();
  if (std::any_of(row.begin(), row.end(),
                  [&](const auto& cell) { return cell == object.statement; }))
    return true;
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

base::Status Create(Connection& target, const CatalogObject& object) {
  GODWIT_RETURN_IF_ERROR(target.Execute("USE " + QuoteName(object.schema)).status());
  base::Failpoint("schema.before_create_object");
  GODWIT_ASSIGN_OR_RETURN(std::string sql_mode, target.QueryValue("SELECT @@sql_mode"));
  if (!object.session.empty()) GODWIT_RETURN_IF_ERROR(target.Execute(object.session).status());
  base::Status created = target.Execute(object.statement).status();
  if (absl::IsUnavailable(created)) return created;
  GODWIT_RETURN_IF_ERROR(target.Execute("SET SESSION sql_mode=" + QuoteText(sql_mode)).status());
  return created.ok() ? created : base::Annotate(created, "creating " + Named(object));
}

}  // namespace

base::Status CreateObjects(Connection& target, std::vector<CatalogObject> objects,
                           IfExists if_exists) {
  // Go round until none is left, or none of a round could be made.
  while (!objects.empty()) {
    std::vector<CatalogObject> left;
    base::Status refused;
    for (CatalogObject& object : objects) {
      GODWIT_ASSIGN_OR_RETURN(bool stands, Stands(target, object, if_exists));
      base::Status created = stands ? base::OkStatus() : Create(target, object);
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

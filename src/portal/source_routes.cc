#include "portal/source_routes.h"

#include "config/source_file.h"
#include "portal/source_json.h"
#include "portal/source_verification.h"
#include "portal/subtask_status.h"
#include "server/source_inspection.h"

namespace godwit::portal {
namespace {

using config::SourceFile;

class Sources {
 public:
  Sources(Control& control, SubtaskStatuses& statuses) : control_(control), statuses_(statuses) {}

  base::StatusOr<Json> Add(const ApiRequest& request) {
    GODWIT_ASSIGN_OR_RETURN(const std::string text, request.File());
    GODWIT_ASSIGN_OR_RETURN(const SourceFile source, VerifySource(request, text));
    GODWIT_RETURN_IF_ERROR(control_.Ask([&](const auto& view, auto leadership) {
      return cluster::AddSource(view, leadership, source.name, text);
    }));
    return Done(fmt::format("the source {} is added", source.name), source.warnings);
  }

  base::StatusOr<Json> Update(const ApiRequest& request) {
    const std::string& name = request.At("source");
    GODWIT_ASSIGN_OR_RETURN(const std::string text, request.File());
    GODWIT_RETURN_IF_ERROR(Seen(name).status());
    GODWIT_ASSIGN_OR_RETURN(SourceFile source, VerifySource(request, text));
    if (source.name != name) {
      return base::InvalidArgument("the file is that of the source {}, not of {}", source.name,
                                   name);
    }
    GODWIT_ASSIGN_OR_RETURN(const Json subtasks, statuses_.OfSource(name, request.http));
    GODWIT_RETURN_IF_ERROR(VerifyGoesOn(request, subtasks, source));
    GODWIT_RETURN_IF_ERROR(control_.Ask([&](const auto& view, auto leadership) {
      return cluster::UpdateSource(view, leadership, name, text);
    }));
    return Done(fmt::format("the source {} is updated", name), source.warnings);
  }

  base::StatusOr<Json> List(const ApiRequest&) {
    GODWIT_ASSIGN_OR_RETURN(const auto all, control_.Look([](const cluster::View& view) {
      std::vector<SeenSource> seen;
      for (const auto& [name, source] : view.sources()) {
        if (source.config || !source.unreadable.empty()) seen.push_back(See(view, source));
      }
      return seen;
    }));
    Json sources = Json::array();
    for (const SeenSource& one : all) sources.push_back(SourceJson(one));
    return Json{{"sources", std::move(sources)}};
  }

  base::StatusOr<Json> Show(const ApiRequest& request) {
    GODWIT_ASSIGN_OR_RETURN(const SeenSource seen, Seen(request.At("source")));
    return SourceJson(seen);
  }

  base::StatusOr<Json> Status(const ApiRequest& request) {
    GODWIT_ASSIGN_OR_RETURN(const SeenSource seen, Seen(request.At("source")));
    Json json = SourceSummary(seen);
    json["problem"] = seen.unreadable;
    json["action"] = ActionOn(seen);
    GODWIT_ASSIGN_OR_RETURN(json["subtasks"], statuses_.OfSource(seen.source.name, request.http));
    return json;
  }

  base::StatusOr<Json> Schemas(const ApiRequest& request) {
    GODWIT_ASSIGN_OR_RETURN(const SourceFile source, FileOf(request.At("source")));
    GODWIT_ASSIGN_OR_RETURN(const auto list, server::ListSchemas(source));
    Json schemas = Json::array();
    for (const auto& schema : list) {
      schemas.push_back({{"name", schema.name}, {"tables", schema.tables}});
    }
    return Json{{"schemas", std::move(schemas)}};
  }

  base::StatusOr<Json> Tables(const ApiRequest& request) {
    GODWIT_ASSIGN_OR_RETURN(const SourceFile source, FileOf(request.At("source")));
    GODWIT_ASSIGN_OR_RETURN(const auto list, server::ListTables(source, request.At("schema")));
    Json tables = Json::array();
    for (const auto& table : list) {
      tables.push_back({{"name", table.name},
                        {"estimated_rows", table.estimated_rows},
                        {"estimated_bytes", table.estimated_bytes}});
    }
    return Json{{"tables", std::move(tables)}};
  }

  base::StatusOr<Json> Relay(const ApiRequest& request) {
    return statuses_.RelayOfSource(request.At("source"), request.http);
  }

  // One of the requests that have nothing but the source's name.
  using Operation = cluster::Wanted (*)(const cluster::View&, store::Revision,
                                        const std::string& source);
  base::StatusOr<Json> Change(const ApiRequest& request, Operation operation,
                              std::string_view what) {
    const std::string& name = request.At("source");
    GODWIT_RETURN_IF_ERROR(control_.Ask(
        [&](const auto& view, auto leadership) { return operation(view, leadership, name); }));
    return Done(fmt::format("the source {} {}", name, what));
  }

  base::StatusOr<Json> Transfer(const ApiRequest& request) {
    const std::string& name = request.At("source");
    GODWIT_ASSIGN_OR_RETURN(const Json object, request.Object());
    const auto worker = object.find("worker");
    if (worker == object.end() || !worker->is_string()) {
      return base::InvalidArgument(
          "the body has no text \"worker\": name the one that is to get "
          "the source");
    }
    const std::string to = worker->get<std::string>();
    GODWIT_RETURN_IF_ERROR(control_.Ask([&](const auto& view, auto leadership) {
      return cluster::TransferSource(view, leadership, name, to);
    }));
    return Done(fmt::format("the source {} goes to the worker {}", name, to));
  }

 private:
  base::StatusOr<SeenSource> Seen(const std::string& name) {
    return control_.Find([&](const cluster::View& view) { return SeeSource(view, name); });
  }

  base::StatusOr<SourceFile> FileOf(const std::string& name) {
    GODWIT_ASSIGN_OR_RETURN(const SeenSource seen, Seen(name));
    return config::ParseSourceFile(seen.source.config ? seen.source.config->record.config : "",
                                   name);
  }

  Control& control_;
  SubtaskStatuses& statuses_;
};

}  // namespace

std::vector<Route> SourceRoutes(Control& control, SubtaskStatuses& statuses) {
  const auto sources = std::make_shared<Sources>(control, statuses);
  using Method = base::StatusOr<Json> (Sources::*)(const ApiRequest&);
  const auto call = [sources](Method method) -> ApiHandler {
    return [=](const ApiRequest& request) { return ((*sources).*method)(request); };
  };
  const auto change = [sources](Sources::Operation operation, std::string_view what) -> ApiHandler {
    return [=](const ApiRequest& request) { return sources->Change(request, operation, what); };
  };
  const QueryFlag check = {"check", true, "Connect to the source and look at its settings first"};
  constexpr auto kRead = Role::kRead, kOperate = Role::kOperate;
  return {
      {"POST",
       "/sources",
       kOperate,
       "Adds a source",
       Body::kFile,
       "",
       "Done",
       {check},
       call(&Sources::Add)},
      {"GET",
       "/sources",
       kRead,
       "All sources",
       Body::kNone,
       "",
       "Sources",
       {},
       call(&Sources::List)},
      {"GET",
       "/sources/{source}",
       kRead,
       "A source",
       Body::kNone,
       "",
       "Source",
       {},
       call(&Sources::Show)},
      {"PUT",
       "/sources/{source}",
       kOperate,
       "Gives a source another configuration",
       Body::kFile,
       "",
       "Done",
       {check},
       call(&Sources::Update)},
      {"DELETE",
       "/sources/{source}",
       kOperate,
       "Removes a source that no task uses",
       Body::kNone,
       "",
       "Done",
       {},
       change(&cluster::RemoveSource, "is removed")},
      {"POST",
       "/sources/{source}/enable",
       kOperate,
       "Has a worker run it again",
       Body::kNone,
       "",
       "Done",
       {},
       change(&cluster::EnableSource, "is enabled")},
      {"POST",
       "/sources/{source}/disable",
       kOperate,
       "Has no worker run it",
       Body::kNone,
       "",
       "Done",
       {},
       change(&cluster::DisableSource, "is disabled")},
      {"POST",
       "/sources/{source}/transfer",
       kOperate,
       "Gives a source to another worker",
       Body::kObject,
       "Transfer",
       "Done",
       {},
       call(&Sources::Transfer)},
      {"GET",
       "/sources/{source}/status",
       kRead,
       "How a source and what runs on it stands",
       Body::kNone,
       "",
       "SourceStatus",
       {},
       call(&Sources::Status)},
      {"GET",
       "/sources/{source}/schemas",
       kRead,
       "Its databases, or schemas",
       Body::kNone,
       "",
       "Schemas",
       {},
       call(&Sources::Schemas)},
      {"GET",
       "/sources/{source}/schemas/{schema}/tables",
       kRead,
       "The tables of one of them",
       Body::kNone,
       "",
       "Tables",
       {},
       call(&Sources::Tables)},
      {"GET",
       "/sources/{source}/relay",
       kRead,
       "The relay of a source: the expected stage, and how it stands",
       Body::kNone,
       "",
       "Relay",
       {},
       call(&Sources::Relay)},
      {"POST",
       "/sources/{source}/relay/pause",
       kOperate,
       "Pauses it",
       Body::kNone,
       "",
       "Done",
       {},
       change(
           [](const cluster::View& view, store::Revision leadership, const std::string& name) {
             return cluster::SetRelayStage(view, leadership, name, cluster::Stage::kPaused);
           },
           "pauses its relay")},
      {"POST",
       "/sources/{source}/relay/resume",
       kOperate,
       "Lets it go on",
       Body::kNone,
       "",
       "Done",
       {},
       change(
           [](const cluster::View& view, store::Revision leadership, const std::string& name) {
             return cluster::SetRelayStage(view, leadership, name, cluster::Stage::kRunning);
           },
           "has its relay run")},
  };
}

}  // namespace godwit::portal

#include "config/task.h"

#include <algorithm>

#include "base/status.h"
#include "config/quoted.h"
#include "config/read_file.h"
#include "config/suggest.h"
#include "config/task_keys.h"
#include "config/yaml_document.h"

namespace godwit::config {
namespace {

constexpr size_t kMostFileBytes = 1024 * 1024;

std::string Join(std::string_view section, std::string_view key) {
  return section.empty() ? std::string(key) : fmt::format("{}.{}", section, key);
}

const TaskKey* FindKey(std::string_view path) {
  auto keys = TaskKeys();
  auto it =
      std::find_if(keys.begin(), keys.end(), [&](const TaskKey& k) { return k.path == path; });
  return it == keys.end() ? nullptr : &*it;
}

bool IsSection(std::string_view path) {
  return std::any_of(TaskKeys().begin(), TaskKeys().end(), [&](const TaskKey& k) {
    return k.path.starts_with(fmt::format("{}.", path));
  });
}

// The names of the keys and sections that may stand in `section`, each once.
std::vector<std::string_view> NamesIn(std::string_view section) {
  std::vector<std::string_view> names;
  for (const TaskKey& key : TaskKeys()) {
    std::string_view rest = key.path;
    if (!section.empty()) {
      if (!rest.starts_with(fmt::format("{}.", section))) continue;
      rest.remove_prefix(section.size() + 1);
    }
    std::string_view name = rest.substr(0, rest.find('.'));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

void ReportUnknownKey(std::string_view section, const std::string& name, FilePlace place,
                      Problems& problems) {
  std::vector<std::string_view> known = NamesIn(section);
  std::string hint;
  if (std::string_view near = Suggest(name, known); !near.empty()) {
    hint = fmt::format("did you mean '{}'?", near);
  } else {
    for (const TaskKey& key : TaskKeys()) {
      if (key.path == name || key.path.ends_with(fmt::format(".{}", name))) {
        hint = fmt::format("did you mean '{}'?", key.path);
        break;
      }
    }
  }
  if (hint.empty()) hint = fmt::format("known here: {}", fmt::join(known, ", "));
  problems.Error(place, "unknown key {}{}; {}", Quoted(name),
                 section.empty() ? "" : fmt::format(" in {}", section), hint);
}

// Reads the keys of one mapping, and of the mappings in it; `section` is its path. The list of keys
// bounds the depth.
void ReadSection(const YAML::Node& mapping, const std::string& section, TaskDraft& draft) {
  for (const auto& entry : mapping) {
    FilePlace key_place = PlaceOf(entry.first);
    if (!entry.first.IsScalar()) {
      draft.problems.Error(key_place, "a key has to be a single word");
      continue;
    }
    const std::string& name = entry.first.Scalar();
    std::string path = Join(section, name);
    const TaskKey* key = FindKey(path);
    if (key == nullptr && !IsSection(path)) {
      ReportUnknownKey(section, name, key_place, draft.problems);
      continue;
    }
    auto [first, is_new] = draft.seen.emplace(path, key_place);
    if (!is_new) {
      draft.problems.Error(key_place, "duplicate key '{}'; it stands on line {} already", path,
                           first->second.line);
      continue;
    }
    const YAML::Node& value = entry.second;
    if (key != nullptr) {
      key->read({path, value, value.IsNull() ? key_place : PlaceOf(value)}, draft);
    } else if (value.IsMap()) {
      ReadSection(value, path, draft);
    } else if (!value.IsNull()) {
      draft.problems.Error(PlaceOf(value), "{}: has to be a mapping of {}", path,
                           fmt::join(NamesIn(path), ", "));
    }
  }
}

class Rules {
 public:
  explicit Rules(TaskDraft& draft) : draft_(draft), problems_(draft.problems) {}

  void Check() {
    RequiredKeys();
    OnePassword("source");
    OnePassword("target");
    Tls("source.ssl", draft_.task.source.tls);
    Tls("target.ssl", draft_.task.target.tls);
    TwoServers();
    SlotWal();
    Streaming();
    Start();
    Objects();
    Large();
    Capture();
    Casting();
    Reserved();
  }

 private:
  const FilePlace* Seen(std::string_view path) const {
    auto it = draft_.seen.find(path);
    return it == draft_.seen.end() ? nullptr : &it->second;
  }

  void RequiredKeys() {
    for (const TaskKey& key : TaskKeys()) {
      if (!key.required || Seen(key.path) != nullptr) continue;
      size_t dot = key.path.find('.');
      const FilePlace* section =
          dot == std::string_view::npos ? nullptr : Seen(key.path.substr(0, dot));
      problems_.Error(section == nullptr ? FilePlace{} : *section, "the key '{}' is missing",
                      key.path);
    }
  }

  void OnePassword(std::string_view end) {
    const FilePlace* last = nullptr;
    int count = 0;
    for (std::string_view key : {"password_env", "password_file", "password"}) {
      const FilePlace* place = Seen(Join(end, key));
      if (place == nullptr) continue;
      if (last == nullptr || *last < *place) last = place;
      ++count;
    }
    if (count > 1) {
      problems_.Error(*last, "{}: only one of password_env, password_file and password may stand",
                      end);
    }
  }

  void Tls(const std::string& section, const TlsOptions& tls) {
    const FilePlace* ca = Seen(section + ".ca");
    const FilePlace* cert = Seen(section + ".cert");
    const FilePlace* key = Seen(section + ".key");
    const bool verifies = tls.mode == TlsMode::kVerifyCa || tls.mode == TlsMode::kVerifyFull;
    if (ca != nullptr && !verifies) {
      problems_.Error(*ca,
                      "{}.ca: the server is held against it only with mode verify-ca or "
                      "verify-full; the mode is {}",
                      section, TlsModeName(tls.mode));
    }
    if (tls.mode == TlsMode::kVerifyCa && ca == nullptr) {
      problems_.Error(*Seen(section + ".mode"), "{}: mode verify-ca needs ca", section);
    }
    if ((cert == nullptr) != (key == nullptr)) {
      problems_.Error(cert == nullptr ? *key : *cert, "{}: cert and key go together", section);
    }
    if (cert != nullptr && tls.mode == TlsMode::kDisabled) {
      problems_.Error(*cert, "{}.cert: is of no use with mode disabled", section);
    }
  }

  void TwoServers() {
    const Endpoint& source = draft_.task.source;
    const Endpoint& target = draft_.task.target;
    if (source.scheme.empty() || source.host != target.host || source.port != target.port ||
        source.socket != target.socket || source.database != target.database) {
      return;
    }
    problems_.Error(*Seen("target.url"), "target.url: source and target are the same server");
  }

  // A rule that nothing can break would only seem to guard the source's disk.
  void SlotWal() {
    const FilePlace* most = Seen("source.max_slot_wal");
    const FilePlace* on_most = Seen("source.on_max_slot_wal");
    const std::string& scheme = draft_.task.source.scheme;
    if (!scheme.empty() && scheme != "postgres") {
      const auto refuse = [&](const FilePlace* place, std::string_view key) {
        if (place == nullptr) return;
        problems_.Error(*place,
                        "source.{}: only a PostgreSQL source keeps its log for a task (in a "
                        "replication slot); the source is {}",
                        key, scheme);
      };
      refuse(most, "max_slot_wal");
      refuse(on_most, "on_max_slot_wal");
    } else if (on_most != nullptr && most == nullptr) {
      problems_.Error(*on_most,
                      "source.on_max_slot_wal: needs max_slot_wal, the limit it is about");
    }
  }

  void Streaming() {
    const std::string& scheme = draft_.task.source.scheme;
    if (scheme.empty() || scheme == "postgres") return;
    for (const std::string_view key : {"source.streaming", "source.spill_dir"}) {
      const FilePlace* place = Seen(key);
      if (place == nullptr) continue;
      problems_.Error(*place,
                      "{}: only a PostgreSQL source sends transactions that are in progress; the "
                      "source is {}",
                      key, scheme);
    }
  }

  void Start() {
    const FilePlace* gtid = Seen("stream.start.gtid");
    const FilePlace* file = Seen("stream.start.file");
    const FilePlace* offset = Seen("stream.start.offset");
    const FilePlace* either = file != nullptr ? file : offset;
    if (gtid != nullptr && either != nullptr) {
      problems_.Error(std::max(*gtid, *either),
                      "stream.start: either gtid, or file and offset, not both");
    } else if (file == nullptr && offset != nullptr) {
      problems_.Error(*offset, "stream.start: offset needs the file that it is an offset into");
    }
    if ((gtid != nullptr || either != nullptr) && draft_.task.mode != Mode::kStream) {
      problems_.Error(*Seen("stream.start"),
                      "stream.start: only mode stream starts at a given place; the mode is {}",
                      ModeName(draft_.task.mode));
    }
  }

  // What there is on servers of another kind alone.
  void Objects() {
    const std::string& source = draft_.task.source.scheme;
    const std::string& target = draft_.task.target.scheme;
    if (source.empty() || target.empty()) return;
    const FilePlace* events = Seen("objects.events");
    if (events != nullptr && source == "postgres")
      problems_.Error(*events, "objects: PostgreSQL has no events; leave them out");
    const bool other_family = (source == "postgres") != (target == "postgres");
    for (const std::string_view kind : {"triggers", "routines", "events", "sequences"}) {
      const FilePlace* place = Seen(fmt::format("objects.{}", kind));
      if (place == nullptr || !other_family || (kind == "events" && source == "postgres")) continue;
      problems_.Error(*place,
                      "objects: {} are not translated between {} and {}; leave them out, and make "
                      "them on the target yourself",
                      kind, source, target);
    }
    const FilePlace* rights = Seen("objects.rights");
    if (rights != nullptr && (source != "postgres" || target != "postgres")) {
      problems_.Error(*rights,
                      "objects: rights are migrated from PostgreSQL to PostgreSQL alone; create "
                      "accounts and grant rights on the target yourself");
    }
  }

  void Large() {
    const std::string& source = draft_.task.source.scheme;
    const std::string& target = draft_.task.target.scheme;
    const FilePlace* key = Seen("large_objects");
    if (key == nullptr || source.empty()) return;
    if (source == "postgres") {
      const bool copies = draft_.task.large_objects == LargeObjects::kCopy;
      if (!copies || target.empty() || target == "postgres") return;
      return problems_.Error(*key,
                             "large_objects: a target of {} has none to hold them; move them into "
                             "a column of bytea, or say ignore",
                             target);
    }
    problems_.Error(*key,
                    "large_objects: only a PostgreSQL source has values apart from its tables; the "
                    "source is {}",
                    source);
  }

  void Casting() {
    const std::string& source = draft_.task.source.scheme;
    const std::string& target = draft_.task.target.scheme;
    const FilePlace* key = Seen("casts");
    if (key == nullptr || draft_.task.casts.rules.empty() || source.empty() || target.empty())
      return;
    if ((source == "postgres") != (target == "postgres")) return;
    problems_.Error(*key,
                    "casts: columns get other types only between MySQL or MariaDB and PostgreSQL; "
                    "leave this out");
  }

  void Capture() {
    const std::string& source = draft_.task.source.scheme;
    const FilePlace* key = Seen("ddl.capture");
    if (key == nullptr || draft_.task.ddl.capture == DdlCapture::kNone) return;
    if (source.empty() || source == "postgres") return;
    problems_.Error(*key,
                    "ddl.capture: the log of {} has its DDL, which is followed without triggers; "
                    "leave this out",
                    source);
  }

  // A pattern that names a schema which is never migrated asks for something impossible.
  void Reserved() {
    for (size_t i = 0; i < draft_.include.size(); ++i) {
      std::string_view schema = draft_.include[i].literal_schema();
      if (IsSystemSchema(schema, draft_.task.source.scheme)) {
        problems_.Error(draft_.include_places[i],
                        "tables.include: {} belongs to the server and is never migrated", schema);
      } else if (!schema.empty() && schema == draft_.task.meta_schema) {
        problems_.Error(draft_.include_places[i],
                        "tables.include: {} is the meta_schema, which is never migrated; "
                        "choose another meta_schema",
                        schema);
      }
    }
  }

  TaskDraft& draft_;
  Problems& problems_;
};

}  // namespace

absl::StatusOr<Task> ParseTask(std::string_view text, const std::string& file_name) {
  TaskDraft draft(file_name);
  if (text.size() > kMostFileBytes) {
    return base::InvalidArgument("{}: a task file holds at most {} bytes", file_name,
                                 kMostFileBytes);
  }
  if (std::optional<YAML::Node> root = LoadDocument(text, draft.problems)) {
    if (root->IsMap()) {
      ReadSection(*root, "", draft);
      Rules(draft).Check();
    } else {
      draft.problems.Error(PlaceOf(*root), "the file has to be a mapping of {}",
                           fmt::join(NamesIn(""), ", "));
    }
  }
  GODWIT_RETURN_IF_ERROR(draft.problems.ToStatus());
  draft.task.tables = TableFilter(std::move(draft.include), std::move(draft.exclude),
                                  draft.task.meta_schema, draft.task.source.scheme);
  if (draft.task.online_ddl.on) {
    GODWIT_ASSIGN_OR_RETURN(
        draft.task.shadow_names,
        ShadowNames::Make(draft.task.online_ddl.shadow, draft.task.online_ddl.trash));
  }
  draft.task.warnings = draft.problems.Warnings();
  return std::move(draft.task);
}

absl::StatusOr<Task> LoadTask(const std::string& path) {
  GODWIT_ASSIGN_OR_RETURN(std::string text, ReadFile(path, kMostFileBytes));
  return ParseTask(text, path);
}

}  // namespace godwit::config

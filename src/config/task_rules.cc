#include "config/task_rules.h"

#include <algorithm>

#include "base/status.h"

namespace godwit::config {
namespace {

class Rules {
 public:
  explicit Rules(TaskDraft& draft) : draft_(draft), problems_(draft.problems) {}

  void Check() {
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
    ByLeaf();
    Identities();
    Casting();
    Reserved();
    Relay();
    if (draft_.is_of_cluster) PlainPasswords();
  }

 private:
  const FilePlace* Seen(std::string_view path) const {
    auto it = draft_.seen.find(path);
    return it == draft_.seen.end() ? nullptr : &it->second;
  }

  // A key of the source as it is called where it stands.
  std::string Called(std::string path) const {
    return draft_.source_is_apart && path.starts_with(kSourceSection)
               ? path.substr(kSourceSection.size())
               : path;
  }

  void OnePassword(std::string_view end) {
    const FilePlace* last = nullptr;
    int count = 0;
    for (std::string_view key :
         {"password_env", "password_file", "password_encrypted", "password"}) {
      const FilePlace* place = Seen(fmt::format("{}.{}", end, key));
      if (place == nullptr) continue;
      if (last == nullptr || *last < *place) last = place;
      ++count;
    }
    if (count > 1) {
      const bool apart = end == "source" && draft_.source_is_apart;
      problems_.Error(
          *last,
          "{}only one of password_env, password_file, password_encrypted and password may stand",
          apart ? "" : fmt::format("{}: ", end));
    }
  }

  void Tls(const std::string& section, const TlsOptions& tls) {
    const FilePlace* ca = Seen(section + ".ca");
    const FilePlace* cert = Seen(section + ".cert");
    const FilePlace* key = Seen(section + ".key");
    const std::string called = Called(section);
    const bool verifies = tls.mode == TlsMode::kVerifyCa || tls.mode == TlsMode::kVerifyFull;
    if (ca != nullptr && !verifies) {
      problems_.Error(*ca,
                      "{}.ca: the server is held against it only with mode verify-ca or "
                      "verify-full; the mode is {}",
                      called, TlsModeName(tls.mode));
    }
    if (tls.mode == TlsMode::kVerifyCa && ca == nullptr) {
      problems_.Error(*Seen(section + ".mode"), "{}: mode verify-ca needs ca", called);
    }
    if ((cert == nullptr) != (key == nullptr)) {
      problems_.Error(cert == nullptr ? *key : *cert, "{}: cert and key go together", called);
    }
    if (cert != nullptr && tls.mode == TlsMode::kDisabled) {
      problems_.Error(*cert, "{}.cert: is of no use with mode disabled", called);
    }
  }

  void TwoServers() {
    const Endpoint& source = draft_.task.source;
    const Endpoint& target = draft_.task.target;
    // What a server has committed, and one that takes its place has not, would be written again or
    // be missing: whether that can be, nobody here can find out.
    if (!target.others.empty()) {
      return problems_.Error(*Seen("target.url"),
                             "target.url: only a source may have several hosts; name the one "
                             "server that is written, or an address that always leads to it");
    }
    const bool is_same = std::ranges::any_of(source.Each(), [&](const Endpoint& one) {
      return one.host == target.host && one.port == target.port && one.socket == target.socket &&
             one.database == target.database;
    });
    if (source.scheme.empty() || !is_same) return;
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
                        "{}: only a PostgreSQL source keeps its log for a task (in a replication "
                        "slot); the source is {}",
                        Called(fmt::format("source.{}", key)), scheme);
      };
      refuse(most, "max_slot_wal");
      refuse(on_most, "on_max_slot_wal");
    } else if (on_most != nullptr && most == nullptr) {
      problems_.Error(*on_most, "{}: needs max_slot_wal, the limit it is about",
                      Called("source.on_max_slot_wal"));
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
                      Called(std::string(key)), scheme);
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
    if ((gtid != nullptr || either != nullptr) && draft_.sources.size() > 1) {
      problems_.Error(*Seen("stream.start"),
                      "stream.start: a place is one of one source; make a task for each source");
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

  void Identities() {
    const std::string& source = draft_.task.source.scheme;
    const FilePlace* key = Seen("tables.without_identity");
    if (key == nullptr || source.empty() || source == "postgres") return;
    problems_.Error(*key,
                    "tables.without_identity: only the log of a PostgreSQL source does not tell "
                    "rows apart of tables without a key; the source is {}: leave this out",
                    source);
  }

  void ByLeaf() {
    const std::string& source = draft_.task.source.scheme;
    const FilePlace* key = Seen("tables.partitions");
    if (key == nullptr || draft_.task.partitions == Partitions::kRoot) return;
    if (source.empty() || source == "postgres") return;
    problems_.Error(*key,
                    "tables.partitions: only partitions of a PostgreSQL source are tables that can "
                    "be migrated one by one; the source is {}: leave this out",
                    source);
  }

  // A pattern that names a schema which is never migrated asks for something impossible.
  void Reserved() {
    for (size_t i = 0; i < draft_.include.size(); ++i) {
      std::string_view schema = draft_.include[i].literal_schema();
      // Which those are is known of a known server.
      const std::string& scheme = draft_.task.source.scheme;
      if (!scheme.empty() && IsSystemSchema(schema, scheme)) {
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

  void Relay() {
    const FilePlace* place = Seen("source.relay");
    if (place == nullptr) return;
    const bool wanted = draft_.relay || !draft_.source_is_apart;
    if (wanted && draft_.task.source.scheme == "postgres") {
      problems_.Error(*place,
                      "{}: the log of PostgreSQL is kept by the server alone; leave this out",
                      Called("source.relay"));
    }
    if (!draft_.source_is_apart && draft_.task.relay.dir.empty())
      problems_.Error(*place, "source.relay: needs dir, the folder that the log is kept in");
  }

  // Such a file is kept in the cluster's store, and shown to whoever may read there.
  void PlainPasswords() {
    for (const std::string_view end : {"source", "target"}) {
      const FilePlace* place = Seen(fmt::format("{}.password", end));
      if (place == nullptr) continue;
      problems_.Error(*place,
                      "{}: a cluster keeps no password that can be read; encrypt it by `godwit "
                      "encrypt` and write password_encrypted, or use password_env or password_file "
                      "of the workers' machines",
                      Called(fmt::format("{}.password", end)));
    }
  }

  TaskDraft& draft_;
  Problems& problems_;
};

}  // namespace

void CheckRules(TaskDraft& draft) { Rules(draft).Check(); }

absl::StatusOr<Task> ToTask(TaskDraft& draft) {
  CheckRules(draft);
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

}  // namespace godwit::config

#include "config/task_keys.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <array>

#include "base/status.h"
#include "config/quoted.h"
#include "config/read_casts.h"
#include "config/read_ddl_events.h"
#include "config/read_endpoint.h"

namespace godwit::config {
namespace {

// Each in the order of its enum.
constexpr std::array<std::string_view, 3> kModes = {"migrate", "copy", "stream"};
constexpr std::array<std::string_view, 3> kIfExists = {"error", "append", "replace"};
constexpr std::array<std::string_view, 2> kConsistencies = {"prefix", "row"};
constexpr std::array<std::string_view, 3> kUnrepresentable = {"error", "null", "replace"};
constexpr std::array<std::string_view, 3> kOnMaxSlotWal = {"warn", "stop", "release"};
constexpr std::array<std::string_view, 2> kDdlCaptures = {"none", "trigger"};
constexpr std::array<std::string_view, 2> kPartitions = {"root", "leaf"};
constexpr std::array<std::string_view, 2> kWithoutIdentity = {"refuse", "full"};
constexpr std::array<std::string_view, 2> kLargeObjects = {"copy", "ignore"};  // after kUndecided
// Each with the option it turns on.
constexpr std::array<std::string_view, 5> kObjects = {"triggers", "routines", "events", "sequences",
                                                      "rights"};
constexpr std::array<bool ObjectOptions::*, 5> kObjectFlags = {
    &ObjectOptions::triggers, &ObjectOptions::routines, &ObjectOptions::events,
    &ObjectOptions::sequences, &ObjectOptions::rights};

constexpr uint64_t kKiB = 1ull << 10, kMiB = 1ull << 20, kGiB = 1ull << 30, kTiB = 1ull << 40;

// 1 to 64 characters that `allowed` is true of; else a report with their description.
std::optional<std::string> ReadName(const YamlValue& value, bool (*allowed)(unsigned char),
                                    std::string_view description, Problems& problems) {
  std::optional<std::string> text = ReadText(value, problems);
  if (!text) return std::nullopt;
  if (text->empty() || text->size() > 64 || !std::all_of(text->begin(), text->end(), allowed)) {
    problems.Error(value.place, "{}: has to be 1 to 64 of the characters {}, not {}", value.path,
                   description, Quoted(*text));
    return std::nullopt;
  }
  return text;
}

template <typename Out>
void ReadNumber(const YamlValue& value, int64_t least, int64_t most, Out& out, Problems& problems) {
  if (auto number = ReadInteger(value, least, most, problems)) out = static_cast<Out>(*number);
}

void ReadMetaSchema(const YamlValue& value, TaskDraft& draft) {
  auto allowed = [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; };
  auto name = ReadName(value, allowed, "A-Z a-z 0-9 _", draft.problems);
  if (!name) return;
  if (IsSystemSchema(*name)) {
    draft.problems.Error(value.place, "{}: {} belongs to the server", value.path, *name);
  }
  draft.task.meta_schema = *std::move(name);
}

// One reader of read_endpoint.h, for either end.
template <Endpoint Task::*kEnd, auto kRead>
void ReadEnd(const YamlValue& value, TaskDraft& draft) {
  kRead(value, draft.task.*kEnd, draft.problems);
}

void ReadPatterns(const YamlValue& value, Problems& problems, std::vector<TablePattern>& patterns,
                  std::vector<FilePlace>& places) {
  std::optional<std::vector<YamlValue>> items = ReadList(value, problems);
  if (!items) return;
  for (const YamlValue& item : *items) {
    std::optional<std::string> text = ReadText(item, problems);
    if (!text) continue;
    absl::StatusOr<TablePattern> pattern = TablePattern::Parse(*text);
    if (!pattern.ok()) {
      problems.Error(item.place, "{}: {}", item.path, pattern.status().message());
      continue;
    }
    patterns.push_back(*std::move(pattern));
    places.push_back(item.place);
  }
}

void ReadInclude(const YamlValue& value, TaskDraft& draft) {
  if (value.node.IsSequence() && value.node.size() == 0) {
    draft.problems.Error(value.place, "{}: is empty, so that no table would be migrated",
                         value.path);
  }
  ReadPatterns(value, draft.problems, draft.include, draft.include_places);
}

void ReadExclude(const YamlValue& value, TaskDraft& draft) {
  std::vector<FilePlace> places;
  ReadPatterns(value, draft.problems, draft.exclude, places);
}

void ReadObjects(const YamlValue& value, TaskDraft& draft) {
  std::optional<std::vector<YamlValue>> items = ReadList(value, draft.problems);
  if (!items) return;
  for (const YamlValue& item : *items) {
    auto index = ReadChoice(item, kObjects, draft.problems);
    if (!index) continue;
    bool& flag = draft.task.objects.*kObjectFlags[*index];
    if (flag) draft.problems.Error(item.place, "{}: {} stands twice", item.path, kObjects[*index]);
    flag = true;
    draft.seen.emplace(fmt::format("{}.{}", value.path, kObjects[*index]), item.place);
  }
}

template <Unrepresentable UnrepresentableOptions::*kKind>
void ReadUnrepresentable(const YamlValue& value, TaskDraft& draft) {
  Unrepresentable& action = draft.task.on_unrepresentable.*kKind;
  // The word without quotes is YAML's nothing.
  if (value.node.IsDefined() && value.node.IsNull())
    action = Unrepresentable::kNull;
  else
    ReadEnum(value, kUnrepresentable, action, draft.problems);
}

void ReadLargeObjects(const YamlValue& value, TaskDraft& draft) {
  if (auto index = ReadChoice(value, kLargeObjects, draft.problems))
    draft.task.large_objects = static_cast<LargeObjects>(*index + 1);
}

void ReadSwitch(const YamlValue& value, bool& out, Problems& problems) {
  constexpr std::array<std::string_view, 2> kSwitch = {"false", "true"};
  if (auto index = ReadChoice(value, kSwitch, problems)) out = *index == 1;
}

void ReadOnlineDdl(const YamlValue& value, TaskDraft& draft) {
  ReadSwitch(value, draft.task.online_ddl.on, draft.problems);
}

void ReadSpillDir(const YamlValue& value, TaskDraft& draft) {
  if (auto path = ReadPath(value, "a folder", draft.problems))
    draft.task.streaming.spill_dir = *std::move(path);
}

template <std::vector<std::string> OnlineDdlOptions::*kPatterns>
void ReadShadowPatterns(const YamlValue& value, TaskDraft& draft) {
  std::optional<std::vector<YamlValue>> items = ReadList(value, draft.problems);
  if (!items) return;
  std::vector<std::string> patterns;
  for (const YamlValue& item : *items) {
    std::optional<std::string> text = ReadText(item, draft.problems);
    if (!text) continue;
    if (absl::Status valid = ShadowNames::CheckPattern(*text); !valid.ok())
      draft.problems.Error(item.place, "{}: {}", item.path, valid.message());
    patterns.push_back(*std::move(text));
  }
  draft.task.online_ddl.*kPatterns = std::move(patterns);
}

void ReadStartGtid(const YamlValue& value, TaskDraft& draft) {
  std::optional<std::string> gtid = ReadText(value, draft.problems);
  if (!gtid) return;
  if (gtid->empty()) draft.problems.Error(value.place, "{}: is empty", value.path);
  draft.task.stream.start = StartGtid{*std::move(gtid)};
}

StartFile& FileStart(StreamStart& start) {
  if (!std::holds_alternative<StartFile>(start)) start = StartFile{.file = "", .offset = 4};
  return std::get<StartFile>(start);
}

void ReadStartFile(const YamlValue& value, TaskDraft& draft) {
  std::optional<std::string> file = ReadText(value, draft.problems);
  if (!file) return;
  if (file->empty()) draft.problems.Error(value.place, "{}: is empty", value.path);
  FileStart(draft.task.stream.start).file = *std::move(file);
}

void ReadStartOffset(const YamlValue& value, TaskDraft& draft) {
  ReadNumber(value, 4, UINT32_MAX, FileStart(draft.task.stream.start).offset, draft.problems);
}

constexpr TaskKey kKeys[] = {
    {"name", "", true,
     [](const YamlValue& v, TaskDraft& d) {
       if (auto name = ReadTaskName(v, d.problems)) d.task.name = *std::move(name);
     }},
    {"mode", "migrate", false,
     [](const YamlValue& v, TaskDraft& d) { ReadEnum(v, kModes, d.task.mode, d.problems); }},
    {"source.url", "", true, ReadEnd<&Task::source, ReadUrl>},
    {"source.password_env", "", false, ReadEnd<&Task::source, ReadPasswordEnv>},
    {"source.password_file", "", false, ReadEnd<&Task::source, ReadPasswordFile>},
    {"source.password_encrypted", "", false, ReadEnd<&Task::source, ReadPasswordEncrypted>},
    {"source.password", "", false, ReadEnd<&Task::source, ReadPassword>},
    {"source.ssl.mode", "preferred", false, ReadEnd<&Task::source, ReadTlsMode>},
    {"source.ssl.ca", "", false, ReadEnd<&Task::source, ReadTlsFile<&TlsOptions::ca>>},
    {"source.ssl.cert", "", false, ReadEnd<&Task::source, ReadTlsFile<&TlsOptions::cert>>},
    {"source.ssl.key", "", false, ReadEnd<&Task::source, ReadTlsFile<&TlsOptions::key>>},
    {"source.max_slot_wal", "", false,
     [](const YamlValue& v, TaskDraft& d) {
       if (auto b = ReadBytes(v, kMiB, 100 * kTiB, d.problems)) d.task.slot_wal.most = *b;
     }},
    {"source.on_max_slot_wal", "stop", false,
     [](const YamlValue& v, TaskDraft& d) {
       ReadEnum(v, kOnMaxSlotWal, d.task.slot_wal.on_most, d.problems);
     }},
    {"source.streaming", "true", false,
     [](const YamlValue& v, TaskDraft& d) { ReadSwitch(v, d.task.streaming.on, d.problems); }},
    {"source.spill_dir", "", false, ReadSpillDir},
    {"source.relay.dir", "", false,
     [](const YamlValue& v, TaskDraft& d) {
       if (auto path = ReadPath(v, "a folder", d.problems)) d.task.relay.dir = *std::move(path);
     }},
    {"source.relay.keep", "1d", false,
     [](const YamlValue& v, TaskDraft& d) {
       if (auto t = ReadDuration(v, std::chrono::days(3650), d.problems)) d.task.relay.keep = *t;
     }},
    {"source.relay.max_size", "", false,
     [](const YamlValue& v, TaskDraft& d) {
       if (auto b = ReadBytes(v, kMiB, 100 * kTiB, d.problems)) d.task.relay.max_size = *b;
     }},
    {"target.url", "", true, ReadEnd<&Task::target, ReadUrl>},
    {"target.password_env", "", false, ReadEnd<&Task::target, ReadPasswordEnv>},
    {"target.password_file", "", false, ReadEnd<&Task::target, ReadPasswordFile>},
    {"target.password_encrypted", "", false, ReadEnd<&Task::target, ReadPasswordEncrypted>},
    {"target.password", "", false, ReadEnd<&Task::target, ReadPassword>},
    {"target.ssl.mode", "preferred", false, ReadEnd<&Task::target, ReadTlsMode>},
    {"target.ssl.ca", "", false, ReadEnd<&Task::target, ReadTlsFile<&TlsOptions::ca>>},
    {"target.ssl.cert", "", false, ReadEnd<&Task::target, ReadTlsFile<&TlsOptions::cert>>},
    {"target.ssl.key", "", false, ReadEnd<&Task::target, ReadTlsFile<&TlsOptions::key>>},
    {"target.if_exists", "error", false,
     [](const YamlValue& v, TaskDraft& d) {
       ReadEnum(v, kIfExists, d.task.if_exists, d.problems);
     }},
    {"tables.include", "", true, ReadInclude},
    {"tables.exclude", "[]", false, ReadExclude},
    {"tables.partitions", "root", false,
     [](const YamlValue& v, TaskDraft& d) {
       ReadEnum(v, kPartitions, d.task.partitions, d.problems);
     }},
    {"tables.without_identity", "refuse", false,
     [](const YamlValue& v, TaskDraft& d) {
       ReadEnum(v, kWithoutIdentity, d.task.without_identity, d.problems);
     }},
    {"objects", "[]", false, ReadObjects},
    {"on_unrepresentable.zero_byte", "error", false,
     ReadUnrepresentable<&UnrepresentableOptions::zero_byte>},
    {"on_unrepresentable.invalid_text", "error", false,
     ReadUnrepresentable<&UnrepresentableOptions::invalid_text>},
    {"on_unrepresentable.invalid_date", "error", false,
     ReadUnrepresentable<&UnrepresentableOptions::invalid_date>},
    {"on_unrepresentable.out_of_range", "error", false,
     ReadUnrepresentable<&UnrepresentableOptions::out_of_range>},
    {"casts", "[]", false,
     [](const YamlValue& v, TaskDraft& d) { ReadCasts(v, d.task.casts, d.problems); }},
    {"large_objects", "", false, ReadLargeObjects},
    {"copy.threads", "4", false,
     [](const YamlValue& v, TaskDraft& d) {
       ReadNumber(v, 1, 64, d.task.copy.threads, d.problems);
     }},
    {"copy.chunk_bytes", "64MiB", false,
     [](const YamlValue& v, TaskDraft& d) {
       if (auto b = ReadBytes(v, 64 * kKiB, 4 * kGiB, d.problems)) d.task.copy.chunk_bytes = *b;
     }},
    {"stream.consistency", "prefix", false,
     [](const YamlValue& v, TaskDraft& d) {
       ReadEnum(v, kConsistencies, d.task.stream.consistency, d.problems);
     }},
    {"stream.lanes", "4", false,
     [](const YamlValue& v, TaskDraft& d) {
       ReadNumber(v, 1, 64, d.task.stream.lanes, d.problems);
     }},
    {"stream.group_ms", "0", false,
     [](const YamlValue& v, TaskDraft& d) {
       ReadNumber(v, 0, 10'000, d.task.stream.group_ms, d.problems);
     }},
    {"stream.start.gtid", "", false, ReadStartGtid},
    {"stream.start.file", "", false, ReadStartFile},
    {"stream.start.offset", "4", false, ReadStartOffset},
    {"ddl.policy", "replicate", false,
     [](const YamlValue& v, TaskDraft& d) { ReadDdlPolicy(v, d.task.ddl.policy, d.problems); }},
    {"ddl.events", "{}", false,
     [](const YamlValue& v, TaskDraft& d) { ReadDdlEvents(v, d.task.ddl.events, d.problems); }},
    {"ddl.capture", "none", false,
     [](const YamlValue& v, TaskDraft& d) {
       ReadEnum(v, kDdlCaptures, d.task.ddl.capture, d.problems);
     }},
    {"online_ddl", "true", false, ReadOnlineDdl},
    {"online_ddl_shadow", "['^_(.+)_gho$', '^_(.+)_new$']", false,
     ReadShadowPatterns<&OnlineDdlOptions::shadow>},
    {"online_ddl_trash", "['^_(.+)_ghc$', '^_(.+?)(?:_[0-9]{14})?_del$', '^_(.+)_old$']", false,
     ReadShadowPatterns<&OnlineDdlOptions::trash>},
    {"memory_limit", "512MiB", false,
     [](const YamlValue& v, TaskDraft& d) {
       if (auto b = ReadBytes(v, 64 * kMiB, kTiB, d.problems)) d.task.memory_limit = *b;
     }},
    {"meta_schema", "godwit", false, ReadMetaSchema},
    {"retry_for", "10min", false,
     [](const YamlValue& v, TaskDraft& d) {
       if (auto t = ReadDuration(v, std::chrono::days(7), d.problems)) d.task.retry_for = *t;
     }},
};

}  // namespace

std::span<const TaskKey> TaskKeys() { return kKeys; }

std::optional<std::string> ReadTaskName(const YamlValue& value, Problems& problems) {
  const auto allowed = [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '-';
  };
  return ReadName(value, allowed, "a-z 0-9 _ -", problems);
}

std::string_view ModeName(Mode mode) { return kModes[static_cast<size_t>(mode)]; }

}  // namespace godwit::config

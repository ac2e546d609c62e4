// GTIDs as text (Gtid_set_text parsing in the server's sources; what it takes was tried on 9.7).
#include <charconv>

#include "wire/mysql/mysql_gtid.h"

namespace godwit::wire::mysql {
namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool IsTagStart(char c) { return c == '_' || (Lower(c) >= 'a' && Lower(c) <= 'z'); }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  c = Lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Goes through a text; every Take skips the spaces behind what it took.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) { SkipSpaces(); }

  bool at_end() const { return rest_.empty(); }
  bool at_tag() const { return !rest_.empty() && IsTagStart(rest_.front()); }

  bool Take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    SkipSpaces();
    return true;
  }

  // With all of its hyphens or none; braces only around the former.
  bool TakeUuid(Uuid& uuid) {
    constexpr std::string_view kPattern = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    const bool braces = rest_.starts_with('{');
    if (braces) rest_.remove_prefix(1);
    const bool hyphens = braces || (rest_.size() > 8 && rest_[8] == '-');
    size_t digits = 0;
    for (char expected : kPattern) {
      if (expected == '-' && !hyphens) continue;
      if (rest_.empty()) return false;
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (expected == '-') {
        if (c != '-') return false;
        continue;
      }
      const int value = HexDigit(c);
      if (value < 0) return false;
      uint8_t& byte = uuid.bytes[digits++ / 2];
      byte = static_cast<uint8_t>(byte << 4 | value);
    }
    if (braces) return Take('}');
    SkipSpaces();
    return true;
  }

  bool TakeTag(std::string& tag) {
    size_t size = 0;
    while (size < rest_.size() && (IsTagStart(rest_[size]) || IsDigit(rest_[size]))) ++size;
    if (size == 0 || size > kMostTagSize) return false;
    tag.assign(rest_.substr(0, size));
    for (char& c : tag) c = Lower(c);
    rest_.remove_prefix(size);
    SkipSpaces();
    return true;
  }

  bool TakeNumber(uint64_t& number) {
    auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (error != std::errc() || number > kMostGno) return false;
    rest_.remove_prefix(static_cast<size_t>(stop - rest_.data()));
    SkipSpaces();
    return true;
  }

 private:
  void SkipSpaces() {
    while (!rest_.empty() && IsSpace(rest_.front())) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

// One "uuid:..." up to the next comma or the end, its sources behind the others.
bool TakeSources(Scanner& scanner, std::vector<MysqlGtidSet::Source>& sources) {
  Uuid uuid;
  if (!scanner.TakeUuid(uuid)) return false;
  sources.push_back({uuid, "", {}});
  while (scanner.Take(':')) {
    if (scanner.at_tag()) {
      std::string tag;
      if (!scanner.TakeTag(tag)) return false;
      sources.push_back({uuid, std::move(tag), {}});
      continue;
    }
    MysqlGtidSet::Interval interval;
    if (!scanner.TakeNumber(interval.first) || interval.first == 0) return false;
    interval.last = interval.first;
    if (scanner.Take('-') && !scanner.TakeNumber(interval.last)) return false;
    if (interval.first <= interval.last) sources.back().intervals.push_back(interval);
  }
  return true;
}

}  // namespace

base::StatusOr<MysqlGtid> MysqlGtid::Parse(std::string_view text) {
  Scanner scanner(text);
  MysqlGtid gtid;
  if (!scanner.TakeUuid(gtid.uuid) || !scanner.Take(':') ||
      (scanner.at_tag() && (!scanner.TakeTag(gtid.tag) || !scanner.Take(':'))) ||
      !scanner.TakeNumber(gtid.gno) || gtid.gno == 0 || !scanner.at_end()) {
    return base::InvalidArgument(
        "\"{}\" is not a GTID: UUID:NUMBER or UUID:TAG:NUMBER expected, as in "
        "3e11fa47-71ca-11e1-9e33-c80aa9429562:23",
        text);
  }
  return gtid;
}

std::string MysqlGtid::ToString() const {
  return tag.empty() ? fmt::format("{}:{}", uuid.ToString(), gno)
                     : fmt::format("{}:{}:{}", uuid.ToString(), tag, gno);
}

base::StatusOr<MysqlGtidSet> MysqlGtidSet::Parse(std::string_view text) {
  Scanner scanner(text);
  std::vector<Source> sources;
  bool well = true;
  while (well && !scanner.at_end()) {
    if (scanner.Take(',')) continue;
    well = TakeSources(scanner, sources) && (scanner.at_end() || scanner.Take(','));
  }
  if (!well) {
    return base::InvalidArgument(
        "\"{}\" is not a GTID set: UUID:FIRST-LAST[:TAG:FIRST-LAST] expected, comma-separated, as "
        "in 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7",
        text);
  }
  return Normalized(std::move(sources));
}

std::string MysqlGtidSet::ToString() const {
  std::string text;
  const Source* previous = nullptr;
  for (const Source& source : sources_) {
    if (previous == nullptr || previous->uuid != source.uuid) {
      if (previous != nullptr) text += ',';
      text += source.uuid.ToString();
    }
    if (!source.tag.empty()) text.append(":").append(source.tag);
    for (const Interval& interval : source.intervals) {
      fmt::format_to(std::back_inserter(text), ":{}", interval.first);
      if (interval.last != interval.first)
        fmt::format_to(std::back_inserter(text), "-{}", interval.last);
    }
    previous = &source;
  }
  return text;
}

}  // namespace godwit::wire::mysql

#include "connector/canonical_text.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.h"

namespace godwit::connector {
namespace {

bool AreDigits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

template <typename T>
void AppendShortest(std::string& out, std::string_view number) {
  T value{};
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc() || end != number.data() + number.size()) {
    out += number;
    return;
  }
  // Not every server has a zero with a sign.
  fmt::format_to(std::back_inserter(out), "{}", value == 0 ? T{} : value);
}

// Writes a document anew while it is read.
class JsonWriter : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  bool null() override { return Value("null"); }
  bool boolean(bool value) override { return Value(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return Value(fmt::format("{}", value)); }
  bool number_unsigned(number_unsigned_t value) override { return Value(fmt::format("{}", value)); }
  bool number_float(number_float_t, const string_t& text) override {
    std::string number;
    AppendCanonicalNumber(number, text);
    return Value(std::move(number));
  }
  bool string(string_t& text) override { return Value(Quoted(text)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Start(true); }
  bool start_array(std::size_t) override { return Start(false); }
  bool key(string_t& key) override {
    open_.back().members.emplace_back(std::move(key), "");
    return true;
  }
  bool end_object() override {
    // Of members with the same key the last counts.
    std::vector<Member> members = std::move(open_.back().members);
    open_.pop_back();
    std::ranges::reverse(members);
    std::ranges::stable_sort(members, {}, &Member::first);
    const auto twice = std::ranges::unique(members, {}, &Member::first);
    members.erase(twice.begin(), twice.end());
    std::string text = "{";
    for (const auto& [key, value] : members)
      text += (text.size() == 1 ? "" : ",") + Quoted(key) + ":" + value;
    return Value(text + "}");
  }
  bool end_array() override {
    const std::vector<Member> members = std::move(open_.back().members);
    open_.pop_back();
    std::string text = "[";
    for (const auto& [key, value] : members) text += (text.size() == 1 ? "" : ",") + value;
    return Value(text + "]");
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  using Member = std::pair<std::string, std::string>;  // of an array without keys
  struct Open {
    bool is_object;
    std::vector<Member> members;
  };

  static std::string Quoted(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    return quoted + "\"";
  }
  bool Start(bool is_object) {
    open_.push_back({is_object, {}});
    return true;
  }
  bool Value(std::string text) {
    if (open_.empty()) {
      out_ += text;
    } else if (open_.back().is_object) {
      open_.back().members.back().second = std::move(text);
    } else {
      open_.back().members.emplace_back("", std::move(text));
    }
    return true;
  }

  std::string& out_;
  std::vector<Open> open_;
};

}  // namespace

void AppendCanonicalNumber(std::string& out, std::string_view number) {
  constexpr int64_t kLargestExponent = 10'000;
  std::string_view rest = number;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  int64_t exponent = 0;
  if (const size_t e = rest.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view text = rest.substr(e + 1);
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto parsed = base::ParseInteger<int64_t>(text);
    if (!parsed || std::abs(*parsed) > kLargestExponent) {
      out += number;
      return;
    }
    exponent = *parsed;
    rest = rest.substr(0, e);
  }
  const size_t point = rest.find('.');
  std::string whole(rest.substr(0, point));
  std::string fraction(point == std::string_view::npos ? "" : rest.substr(point + 1));
  if (!AreDigits(whole) || !AreDigits(fraction) || whole.size() + fraction.size() == 0) {
    out += number;
    return;
  }
  if (exponent > 0) {
    fraction.resize(std::max(fraction.size(), static_cast<size_t>(exponent)), '0');
    whole += fraction.substr(0, static_cast<size_t>(exponent));
    fraction.erase(0, static_cast<size_t>(exponent));
  } else if (exponent < 0) {
    const auto moved = static_cast<size_t>(-exponent);
    if (whole.size() < moved) whole.insert(0, moved - whole.size(), '0');
    fraction.insert(0, whole.substr(whole.size() - moved));
    whole.resize(whole.size() - moved);
  }
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  fraction.resize(fraction.find_last_not_of('0') + 1);
  if (whole.empty() && fraction.empty()) {
    out += '0';
    return;
  }
  if (negative) out += '-';
  out += whole.empty() ? "0" : whole;
  if (!fraction.empty()) out.append(".").append(fraction);
}

void AppendCanonicalFloat(std::string& out, std::string_view number) {
  AppendShortest<float>(out, number);
}

void AppendCanonicalDouble(std::string& out, std::string_view number) {
  AppendShortest<double>(out, number);
}

void AppendCanonicalTime(std::string& out, std::string_view time) {
  constexpr std::string_view kUtc = "+00";
  if (time.ends_with(kUtc)) time.remove_suffix(kUtc.size());
  if (time.find('.') != std::string_view::npos) {
    while (time.ends_with('0')) time.remove_suffix(1);
    if (time.ends_with('.')) time.remove_suffix(1);
  }
  out += time;
}

void AppendCanonicalJson(std::string& out, std::string_view json) {
  const size_t begin = out.size();
  JsonWriter writer(out);
  if (nlohmann::json::sax_parse(json, &writer)) return;
  out.resize(begin);
  out += json;
}

void AppendCanonicalAddress(std::string& out, std::string_view address) {
  const std::string text(address);
  for (const int family : {AF_INET, AF_INET6}) {
    char bytes[sizeof(in6_addr)], shown[INET6_ADDRSTRLEN];
    if (inet_pton(family, text.c_str(), bytes) != 1) continue;
    if (inet_ntop(family, bytes, shown, sizeof shown) == nullptr) continue;
    out += shown;
    return;
  }
  out += address;
}

}  // namespace godwit::connector

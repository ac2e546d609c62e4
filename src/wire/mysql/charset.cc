#include "wire/mysql/charset.h"

#include <iconv.h>

#include <cstring>
#include <map>
#include <mutex>

#include "wire/mysql/charset_tables.h"

namespace godwit::wire::mysql {
namespace {

using Table = std::vector<char16_t>;

constexpr std::string_view kCp932 = "CP932";
constexpr char16_t kNone = 0xfffd;
constexpr char32_t kReplacement = 0xfffd;

uint8_t ByteAt(std::string_view bytes, size_t i) { return static_cast<uint8_t>(bytes[i]); }

void AppendUtf8(std::string& out, char32_t code) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3f));
    }
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

// The length of the run of ASCII at the head.
size_t AsciiHead(std::string_view text) {
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    if ((word & 0x8080808080808080u) != 0) break;
  }
  while (i < text.size() && ByteAt(text, i) < 0x80) ++i;
  return i;
}

// The bytes of the character at `i`, which is not ASCII; 0: it is none.
// https://www.unicode.org/versions/latest/, table 3-7.
size_t Utf8Character(std::string_view text, size_t i) {
  const auto is = [&](size_t at, uint8_t least, uint8_t most) {
    return at < text.size() && ByteAt(text, at) >= least && ByteAt(text, at) <= most;
  };
  const uint8_t lead = ByteAt(text, i);
  if (lead >= 0xc2 && lead <= 0xdf) return is(i + 1, 0x80, 0xbf) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool second = is(i + 1, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf);
    return second && is(i + 2, 0x80, 0xbf) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool second = is(i + 1, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf);
    return second && is(i + 2, 0x80, 0xbf) && is(i + 3, 0x80, 0xbf) ? 4 : 0;
  }
  return 0;
}

// The C library's converter, one character at a time.
class Converter {
 public:
  explicit Converter(const char* charset) : handle_(iconv_open("UTF-32LE", charset)) {}
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (is_open()) iconv_close(handle_);
  }

  // NOLINTNEXTLINE(performance-no-int-to-ptr): what iconv_open gives
  bool is_open() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  // The one character that `bytes` are; 0: they are not one.
  char32_t Read(std::string_view bytes) {
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    std::string in(bytes);
    char32_t codes[4] = {};
    char* from = in.data();
    char* to = reinterpret_cast<char*>(codes);
    size_t from_left = in.size(), to_left = sizeof codes;
    const bool read = iconv(handle_, &from, &from_left, &to, &to_left) != static_cast<size_t>(-1) &&
                      iconv(handle_, nullptr, nullptr, &to, &to_left) != static_cast<size_t>(-1);
    return read && from_left == 0 && to_left == sizeof codes - sizeof codes[0] ? codes[0] : 0;
  }

 private:
  iconv_t handle_;
};

// A charset of which the C library's `base` is all but some characters.
struct Patch {
  uint32_t bytes;
  char16_t code;
};
constexpr Patch kSjis[] = {{0x8160, 0x301c}, {0x8161, 0x2016}, {0x817c, 0x2212},
                           {0x8191, 0x00a2}, {0x8192, 0x00a3}, {0x81ca, 0x00ac}};
constexpr Patch kUjis[] = {{0xa1c1, 0x301c}, {0xa1c2, 0x2016}, {0xa1dd, 0x2212}, {0xa1f1, 0x00a2},
                           {0xa1f2, 0x00a3}, {0xa2cc, 0x00ac}, {0x1a2c3, 0x00a6}};
// The standard of 2000, whose characters for private use later ones gave to others.
constexpr Patch kGb18030[] = {
    {0xa6d9, 0xe78d}, {0xa6da, 0xe78e}, {0xa6db, 0xe78f}, {0xa6dc, 0xe790}, {0xa6dd, 0xe791},
    {0xa6de, 0xe792}, {0xa6df, 0xe793}, {0xa6ec, 0xe794}, {0xa6ed, 0xe795}, {0xa6f3, 0xe796},
    {0xfe51, 0xe816}, {0xfe52, 0xe817}, {0xfe53, 0xe818}, {0xfe59, 0xe81e}, {0xfe61, 0xe826},
    {0xfe66, 0xe82b}, {0xfe67, 0xe82c}, {0xfe6c, 0xe831}, {0xfe6d, 0xe832}, {0xfe76, 0xe83b},
    {0xfe7e, 0xe843}, {0xfe90, 0xe854}, {0xfe91, 0xe855}, {0xfea0, 0xe864}};

template <size_t n>
void Apply(Table& table, const Patch (&patches)[n]) {
  for (const Patch& patch : patches) table[patch.bytes] = patch.code;
}

void ApplyBig5(Table& table) {
  const std::u16string_view codes = Big5Rows();
  size_t i = 0;
  for (const auto& [first, last] :
       {std::pair(0xc6a1, 0xc6fe), {0xc740, 0xc77e}, {0xc7a1, 0xc7fc}}) {
    for (int bytes = first; bytes <= last; ++bytes) table[static_cast<size_t>(bytes)] = codes[i++];
  }
}

// By the two bytes of a character, or its one; from 0x10000 on by the two after 0x8f.
Table TwoByteTable(std::string_view base, uint8_t least_lead, bool three) {
  Table table(three ? 0x20000 : 0x10000, kNone);
  Converter converter(base.data());
  if (!converter.is_open()) return table;
  const auto fill = [&](std::string bytes, size_t at) {
    const char32_t code = converter.Read(bytes);
    if (code != 0 && code < 0x10000) table[at] = static_cast<char16_t>(code);
  };
  for (char16_t one = 0; one < 0x80; ++one) table[one] = one;
  // The katakana of half width.
  if (base == kCp932) {
    for (size_t one = 0xa1; one <= 0xdf; ++one) fill(std::string(1, static_cast<char>(one)), one);
  }
  for (size_t lead = least_lead; lead < 0xff; ++lead) {
    for (size_t trail = 0x40; trail < 0xff; ++trail) {
      const std::string two{static_cast<char>(lead), static_cast<char>(trail)};
      fill(two, lead << 8 | trail);
      if (three && lead >= 0xa1 && trail >= 0xa1) fill("\x8f" + two, 0x10000 | lead << 8 | trail);
    }
  }
  return table;
}

Table SingleByteTable(std::u16string_view upper_half) {
  Table table(0x100, kNone);
  for (char16_t one = 0; one < 0x80; ++one) table[one] = one;
  std::copy(upper_half.begin(), upper_half.end(), table.begin() + 0x80);
  return table;
}

// ASCII in which letters take the place of signs.
Table Swe7Table() {
  Table table = SingleByteTable({});
  constexpr Patch kLetters[] = {{0x40, 0xc9}, {0x5b, 0xc4}, {0x5c, 0xd6}, {0x5d, 0xc5},
                                {0x5e, 0xdc}, {0x60, 0xe9}, {0x7b, 0xe4}, {0x7c, 0xf6},
                                {0x7d, 0xe5}, {0x7e, 0xfc}, {0x7f, kNone}};
  Apply(table, kLetters);
  return table;
}

struct MultiByte {
  std::string_view charset;
  std::string_view base;  // of the C library
  uint8_t least_lead = 0x81;
};
constexpr MultiByte kMultiByte[] = {
    {"big5", "BIG5-HKSCS", 0xa1}, {"cp932", "CP932"}, {"sjis", "CP932"},      {"euckr", "UHC"},
    {"gb2312", "GB2312", 0xa1},   {"gbk", "GBK"},     {"gb18030", "GB18030"}, {"ujis", "EUC-JP-MS"},
    {"eucjpms", "EUC-JP-MS"}};

const MultiByte* FindMultiByte(std::string_view charset) {
  for (const MultiByte& one : kMultiByte) {
    if (one.charset == charset) return &one;
  }
  return nullptr;
}

bool IsEuc(std::string_view charset) { return charset == "ujis" || charset == "eucjpms"; }

Table MakeTable(std::string_view charset) {
  if (charset == "swe7") return Swe7Table();
  const MultiByte* multi = FindMultiByte(charset);
  if (multi == nullptr) return SingleByteTable(UpperHalfOf(charset));
  Table table = TwoByteTable(multi->base, multi->least_lead, IsEuc(charset));
  if (charset == "sjis") Apply(table, kSjis);
  if (charset == "ujis") Apply(table, kUjis);
  if (charset == "gb18030") Apply(table, kGb18030);
  if (charset == "big5") ApplyBig5(table);
  return table;
}

// Made when first asked for, and kept.
std::shared_ptr<const Table> TableOf(std::string_view charset) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const Table>, std::less<>> tables;
  std::lock_guard lock(mutex);
  const auto found = tables.find(charset);
  if (found != tables.end()) return found->second;
  auto made = std::make_shared<const Table>(MakeTable(charset));
  tables.emplace(charset, made);
  return made;
}

// Four bytes of GB 18030. Characters that it has moved to there since 2000 the servers have, too.
char32_t Gb18030Character(std::string_view four) {
  thread_local Converter converter("GB18030");
  const auto number = [](uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
    return ((a * 10 + b) * 126 + c) * 10 + d;
  };
  const uint32_t at =
      number(ByteAt(four, 0), ByteAt(four, 1) - 0x30u, ByteAt(four, 2), ByteAt(four, 3) - 0x30u);
  const uint32_t forms = number(0x84, 1, 0x82, 6), ideographs = number(0x82, 5, 0x90, 7);
  if (at >= forms && at < forms + 10) return 0xfe10 + (at - forms);
  if (at >= ideographs && at < ideographs + 8) return 0x9fb4 + (at - ideographs);
  return converter.is_open() ? converter.Read(four) : 0;
}

bool IsSurrogate(char32_t code) { return code >= 0xd800 && code < 0xe000; }

}  // namespace

bool KnowsCharset(std::string_view charset) {
  if (charset == "utf8mb4" || charset == "utf8mb3" || charset == "ascii" || charset == "ucs2" ||
      charset == "utf16" || charset == "utf16le" || charset == "utf32" || charset == "swe7")
    return true;
  if (const MultiByte* multi = FindMultiByte(charset))
    return Converter(multi->base.data()).is_open();
  return !UpperHalfOf(charset).empty();
}

size_t Utf8Head(std::string_view text) {
  size_t i = 0;
  while (true) {
    i += AsciiHead(text.substr(i));
    if (i == text.size()) return i;
    const size_t bytes = Utf8Character(text, i);
    if (bytes == 0) return i;
    i += bytes;
    // Text that is no ASCII rarely goes on with much of it.
    while (i < text.size() && ByteAt(text, i) >= 0x80) {
      const size_t more = Utf8Character(text, i);
      if (more == 0) return i;
      i += more;
    }
  }
}

TextDecoder::TextDecoder(std::string_view charset) {
  if (!KnowsCharset(charset)) return;
  ascii_ = charset != "swe7";
  if (charset == "utf8mb4" || charset == "utf8mb3") {
    form_ = Form::kUtf8;
  } else if (charset == "ucs2" || charset == "utf16" || charset == "utf16le" ||
             charset == "utf32") {
    form_ = charset == "ucs2"      ? Form::kUcs2
            : charset == "utf16"   ? Form::kUtf16
            : charset == "utf16le" ? Form::kUtf16Le
                                   : Form::kUtf32;
    ascii_ = false;
  } else {
    form_ = charset == "gb18030"                ? Form::kGb18030
            : IsEuc(charset)                    ? Form::kEuc
            : FindMultiByte(charset) != nullptr ? Form::kTwoBytes
                                                : Form::kTable;
    table_ = TableOf(charset);
  }
}

TextDecoder::Character TextDecoder::Next(std::string_view bytes) const {
  const auto unit = [&](size_t at, bool little) {
    const uint32_t a = ByteAt(bytes, at), b = ByteAt(bytes, at + 1);
    return little ? b << 8 | a : a << 8 | b;
  };
  const auto found = [&](size_t at, size_t size) {
    return (*table_)[at] == kNone ? Character{} : Character{(*table_)[at], size};
  };
  const uint8_t lead = ByteAt(bytes, 0);
  switch (form_) {
    case Form::kUnknown:
    case Form::kUtf8:  // only asked for what is not well
      return {};
    case Form::kTable:
      return found(lead, 1);
    case Form::kUcs2:
      if (bytes.size() < 2 || IsSurrogate(unit(0, false))) return {};
      return {unit(0, false), 2};
    case Form::kUtf16:
    case Form::kUtf16Le: {
      const bool little = form_ == Form::kUtf16Le;
      if (bytes.size() < 2) return {};
      const char32_t high = unit(0, little);
      if (!IsSurrogate(high)) return {high, 2};
      if (high >= 0xdc00 || bytes.size() < 4) return {};
      const char32_t low = unit(2, little);
      if (low < 0xdc00 || low >= 0xe000) return {};
      return {0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00)), 4};
    }
    case Form::kUtf32: {
      if (bytes.size() < 4) return {};
      const char32_t code = unit(0, false) << 16 | unit(2, false);
      return code > 0x10ffff || IsSurrogate(code) ? Character{} : Character{code, 4};
    }
    case Form::kTwoBytes:
    case Form::kEuc:
    case Form::kGb18030:
      break;
  }
  if (form_ == Form::kGb18030 && lead >= 0x80 && bytes.size() >= 4 && ByteAt(bytes, 1) < 0x40) {
    const char32_t code = Gb18030Character(bytes.substr(0, 4));
    return code == 0 ? Character{} : Character{code, 4};
  }
  if (form_ == Form::kEuc && lead == 0x8f) {
    if (bytes.size() < 3) return {};
    return found(size_t{0x10000} | ByteAt(bytes, 1) << 8 | ByteAt(bytes, 2), 3);
  }
  if (lead >= 0x80 && bytes.size() >= 2) {
    if (Character two = found(static_cast<size_t>(lead) << 8 | ByteAt(bytes, 1), 2); two.bytes != 0)
      return two;
  }
  return found(lead, 1);
}

bool TextDecoder::Append(std::string& out, std::string_view bytes, IllText ill) const {
  bool well = true;
  while (!bytes.empty()) {
    const size_t plain = is_utf8() ? Utf8Head(bytes) : ascii_ ? AsciiHead(bytes) : 0;
    out.append(bytes.data(), plain);
    bytes.remove_prefix(plain);
    while (!bytes.empty() && (!ascii_ || ByteAt(bytes, 0) >= 0x80)) {
      const Character next = Next(bytes);
      if (next.bytes == 0) {
        if (ill == IllText::kRefuse) return false;
        well = false;
      }
      AppendUtf8(out, next.bytes == 0 ? kReplacement : next.code);
      // What is ill in the wide forms is so as a whole unit.
      const size_t least = form_ == Form::kUtf32 ? 4 : ascii_ || form_ == Form::kTable ? 1 : 2;
      bytes.remove_prefix(std::min(std::max(next.bytes, least), bytes.size()));
      if (is_utf8()) break;
    }
  }
  return well;
}

}  // namespace godwit::wire::mysql

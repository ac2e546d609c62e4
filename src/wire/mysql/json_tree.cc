#include "wire/mysql/json_tree.h"

#include <algorithm>

namespace godwit::wire::mysql {
namespace {

constexpr uint64_t kMostSmall = UINT16_MAX;
constexpr uint64_t kMostLarge = UINT32_MAX;
constexpr size_t kKeySizeBytes = 2;

void AppendLittle(std::string& out, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

// Whether a scalar stands in its container's entry, where that has `width` bytes for it.
bool IsInline(JsonType type, size_t size, size_t width) {
  const bool number = type >= JsonType::kLiteral && type <= JsonType::kDouble;
  return number && size <= width;
}

}  // namespace

bool JsonTree::Open(std::string_view document) { return JsonRoot(document, root_.raw); }

// Takes a container apart. Its elements may not lie over each other: together they would be more
// than it is.
bool JsonTree::OpenNode(Node& node) {
  if (node.open) return true;
  JsonContainer container;
  if (!container.Open(node.raw)) return false;
  JsonBudget budget(2 * node.raw.bytes.size());
  if (!budget.Pay(container.head_size())) return false;
  node.members.resize(container.size());
  for (size_t i = 0; i < container.size(); ++i) {
    Member& member = node.members[i];
    if (container.is_object() &&
        (!container.Key(i, member.key) || !budget.Pay(member.key.size()))) {
      return false;
    }
    if (!container.Element(i, member.node.raw) || !budget.Pay(member.node.raw.bytes.size()))
      return false;
  }
  node.is_object = container.is_object();
  node.open = true;
  return true;
}

// Where the member is, or where it would be.
std::vector<JsonTree::Member>::iterator JsonTree::FindKey(Node& node, std::string_view key) {
  return std::lower_bound(node.members.begin(), node.members.end(), key,
                          [](const Member& member, std::string_view wanted) {
                            if (member.key.size() != wanted.size())
                              return member.key.size() < wanted.size();
                            return member.key < wanted;
                          });
}

JsonTree::Member* JsonTree::FindElement(Node& node, const JsonLeg& leg) {
  if (node.is_object != leg.is_member) return nullptr;
  if (leg.is_member) {
    auto at = FindKey(node, leg.key);
    return at != node.members.end() && at->key == leg.key ? &*at : nullptr;
  }
  return leg.index < node.members.size() ? &node.members[leg.index] : nullptr;
}

JsonTree::Node* JsonTree::Find(const std::vector<JsonLeg>& path) {
  if (path.size() > static_cast<size_t>(kMostJsonDepth)) return nullptr;
  Node* node = &root_;
  for (const JsonLeg& leg : path) {
    if (!OpenNode(*node)) return nullptr;
    Member* member = FindElement(*node, leg);
    if (member == nullptr) return nullptr;
    node = &member->node;
  }
  return node;
}

bool JsonTree::Replace(const std::vector<JsonLeg>& path, const JsonValue& value) {
  Node* node = Find(path);
  if (node == nullptr) return false;
  *node = {};
  node->raw = value;
  return true;
}

bool JsonTree::Insert(std::vector<JsonLeg> path, const JsonValue& value) {
  if (path.empty()) return false;
  JsonLeg leg = std::move(path.back());
  path.pop_back();
  Node* parent = Find(path);
  if (parent == nullptr || !OpenNode(*parent) || parent->is_object != leg.is_member) return false;
  Member member;
  member.node.raw = value;
  if (!leg.is_member) {
    const size_t index = std::min(leg.index, parent->members.size());
    parent->members.insert(parent->members.begin() + static_cast<ptrdiff_t>(index),
                           std::move(member));
    return true;
  }
  auto at = FindKey(*parent, leg.key);
  if (at != parent->members.end() && at->key == leg.key) return false;
  if (leg.key.size() > UINT16_MAX) return false;
  member.key = keys_.emplace_back(std::move(leg.key));
  parent->members.insert(at, std::move(member));
  return true;
}

bool JsonTree::Remove(std::vector<JsonLeg> path) {
  if (path.empty()) return false;
  const JsonLeg leg = std::move(path.back());
  path.pop_back();
  Node* parent = Find(path);
  if (parent == nullptr || !OpenNode(*parent)) return false;
  Member* member = FindElement(*parent, leg);
  if (member == nullptr) return false;
  parent->members.erase(parent->members.begin() + (member - parent->members.data()));
  return true;
}

JsonType JsonTree::TypeOf(const Node& node) {
  if (!node.open) return node.raw.type;
  if (node.is_object) return node.large ? JsonType::kLargeObject : JsonType::kSmallObject;
  return node.large ? JsonType::kLargeArray : JsonType::kSmallArray;
}

// Finds the size and the form of an open node and those under it.
bool JsonTree::Measure(Node& node) {
  if (!node.open) {
    node.size = node.raw.bytes.size();
    return true;
  }
  const uint64_t count = node.members.size();
  uint64_t keys = 0, small = 0, large = 0;
  for (Member& member : node.members) {
    if (!Measure(member.node)) return false;
    keys += member.key.size();
    const JsonType type = TypeOf(member.node);
    const uint64_t size = member.node.size;
    if (!IsInline(type, size, 2)) small += size;
    if (!IsInline(type, size, 4)) large += size;
  }
  const auto head = [&](uint64_t width) {
    return 2 * width + count * (1 + width) + (node.is_object ? count * (width + kKeySizeBytes) : 0);
  };
  node.size = head(2) + keys + small;
  node.large = count > kMostSmall || node.size > kMostSmall;
  if (node.large) node.size = head(4) + keys + large;
  return node.size <= kMostLarge;
}

void JsonTree::AppendNode(const Node& node, std::string& out) {
  if (!node.open) {
    out += node.raw.bytes;
    return;
  }
  const size_t width = node.large ? 4 : 2;
  const size_t count = node.members.size();
  AppendLittle(out, count, width);
  AppendLittle(out, node.size, width);
  uint64_t place = 2 * width + count * (1 + width);
  if (node.is_object) {
    place += count * (width + kKeySizeBytes);
    for (const Member& member : node.members) {
      AppendLittle(out, place, width);
      AppendLittle(out, member.key.size(), kKeySizeBytes);
      place += member.key.size();
    }
  }
  for (const Member& member : node.members) {
    const JsonType type = TypeOf(member.node);
    out += static_cast<char>(type);
    if (IsInline(type, member.node.size, width)) {
      out += member.node.raw.bytes;
      AppendLittle(out, 0, width - member.node.size);
    } else {
      AppendLittle(out, place, width);
      place += member.node.size;
    }
  }
  for (const Member& member : node.members) out += member.key;
  for (const Member& member : node.members) {
    if (!IsInline(TypeOf(member.node), member.node.size, width)) AppendNode(member.node, out);
  }
}

bool JsonTree::Append(std::string& out) {
  if (!Measure(root_)) return false;
  out += static_cast<char>(TypeOf(root_));
  AppendNode(root_, out);
  return true;
}

}  // namespace godwit::wire::mysql

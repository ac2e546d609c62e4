#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "wire/mysql/json_path.h"
#include "wire/mysql/json_value.h"

namespace godwit::wire::mysql {

// A document that can be changed. Containers are taken apart only on the way to what changes; the
// rest stays as the bytes that it came from. Borrows the document and every value put into it.
class JsonTree {
 public:
  // False: malformed.
  bool Open(std::string_view document);

  // Each is false where the document has no such place, or is malformed where it was looked at.
  // Replaces the value at `path`.
  bool Replace(const std::vector<JsonLeg>& path, const JsonValue& value);
  // Adds a member that is not there yet, or an array's element, before the one at the index (at the
  // end for any larger one).
  bool Insert(std::vector<JsonLeg> path, const JsonValue& value);
  bool Remove(std::vector<JsonLeg> path);

  // Appends the document in the server's form: small containers where they fit. False: too large
  // for the format.
  bool Append(std::string& out);

 private:
  struct Member;
  struct Node {
    JsonValue raw;  // where `open` is false
    bool open = false;
    bool is_object = false;
    std::vector<Member> members;
    // Of an open one, once measured.
    bool large = false;
    uint64_t size = 0;
  };
  struct Member {
    std::string_view key;  // empty in arrays
    Node node;
  };

  static bool OpenNode(Node& node);
  static Member* FindElement(Node& node, const JsonLeg& leg);
  static std::vector<Member>::iterator FindKey(Node& node, std::string_view key);
  Node* Find(const std::vector<JsonLeg>& path);
  static JsonType TypeOf(const Node& node);
  static bool Measure(Node& node);
  static void AppendNode(const Node& node, std::string& out);

  Node root_;
  std::deque<std::string> keys_;  // those that were added
};

}  // namespace godwit::wire::mysql

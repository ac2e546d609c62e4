#include "config/yaml_document.h"

#include <yaml-cpp/eventhandler.h>

#include <sstream>
#include <string>

namespace godwit::config {
namespace {

// Notes where the latest document started, and nothing else.
class DocumentStarts : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { latest_ = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  FilePlace latest() const { return {latest_.line + 1, latest_.column + 1}; }

 private:
  YAML::Mark latest_;
};

// Looks for a second document. Not by YAML::LoadAll, which never ends on some texts that are not
// valid YAML after the first one.
void CheckIsLast(const std::string& text, Problems& problems, int file) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStarts documents;
  parser.HandleNextDocument(documents);
  if (parser.HandleNextDocument(documents)) {
    FilePlace place = documents.latest();
    place.file = file;
    problems.Error(place, "a second document; a file holds one");
  }
}

// Of yaml-cpp's message only what stands before a colon: what follows repeats the text.
std::string SyntaxMessage(const YAML::ParserException& error) {
  std::string message = error.msg.substr(0, error.msg.find(':'));
  std::string_view hint;
  if (message.find("anchor") != std::string::npos || message.find("alias") != std::string::npos) {
    hint = "; put a value that begins with * or & in quotes";
  } else if (message.find("escape") != std::string::npos) {
    hint = "; put a value with backslashes in single quotes";
  }
  return fmt::format("not valid YAML: {}{}", message, hint);
}

}  // namespace

std::optional<YAML::Node> LoadDocument(std::string_view text, Problems& problems, int file) {
  if (text.size() > kMostFileBytes) {
    problems.Error({.file = file}, "a file holds at most {} bytes", kMostFileBytes);
    return std::nullopt;
  }
  try {
    std::string copy(text);
    YAML::Node root = YAML::Load(copy);
    CheckIsLast(copy, problems, file);
    if (!root.IsNull()) return root;
    problems.Error({.file = file}, "the file is empty");
  } catch (const YAML::ParserException& error) {
    problems.Error({error.mark.line + 1, error.mark.column + 1, file}, "{}", SyntaxMessage(error));
  } catch (const YAML::Exception&) {
    problems.Error({.file = file}, "not valid YAML");
  }
  return std::nullopt;
}

}  // namespace godwit::config

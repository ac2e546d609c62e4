#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "cli/text/json_fields.h"
#include "portal/http_client.h"

namespace godwit::cli {

// What a master has answered: the object, and the text that it came as.
struct Answer {
  Json json;
  std::string text;
};

// Asks the masters of a cluster, whichever of them is there. One thread.
class MasterClient {
 public:
  struct Options {
    std::vector<std::string> urls;  // without a path; at least one
    portal::HttpTls tls;
    std::string token;  // empty: none
  };
  explicit MasterClient(Options options) : options_(std::move(options)) {}

  // `path` is that below /api/v1, its names encoded. The errors say what to do. Of a request that
  // changes something and gets no answer, none of the other masters is asked: kUnknown.
  base::StatusOr<Answer> Get(const std::string& path) { return Ask("GET", path, {}, ""); }
  base::StatusOr<Answer> Post(const std::string& path, const Json& body = Json::object());
  base::StatusOr<Answer> PostFile(const std::string& path, const std::string& text);
  base::StatusOr<Answer> PutFile(const std::string& path, const std::string& text);
  base::StatusOr<Answer> Delete(const std::string& path) { return Ask("DELETE", path, {}, ""); }

 private:
  base::StatusOr<Answer> Ask(const std::string& method, const std::string& path,
                             const std::string& body, const std::string& type);
  // With what may be the cause of an answer that did not come.
  base::Status Explained(const std::string& url, const base::Status& failed) const;
  base::Status Refused(const std::string& url, const portal::HttpResponse& response) const;

  Options options_;
};

// "http://m1:8361,http://m2:8361" taken apart. kInvalidArgument: one of them is no url of a master.
base::StatusOr<std::vector<std::string>> ParseMasterUrls(const std::string& text);

}  // namespace godwit::cli

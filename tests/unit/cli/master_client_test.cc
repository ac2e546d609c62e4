#include "cli/cluster/master_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cluster/session.h"
#include "portal/api_error.h"
#include "portal/http_server.h"

namespace godwit::cli {
namespace {

using base::StatusCode;
using portal::HttpRequest;
using portal::HttpResponse;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// A master that answers as `handler` does.
class Master {
 public:
  explicit Master(portal::HttpHandler handler) {
    auto started = portal::HttpServer::Start({.listen = "127.0.0.1:0"},
                                             [this, handler](const HttpRequest& request) {
                                               requests.push_back(request);
                                               return handler(request);
                                             });
    EXPECT_TRUE(started.ok()) << started.status();
    if (started.ok()) server_ = *std::move(started);
  }
  std::string url() const { return server_->url(); }

  std::vector<HttpRequest> requests;

 private:
  std::unique_ptr<portal::HttpServer> server_;
};

HttpResponse Says(const std::string& body, int status = 200) {
  return {.status = status, .body = body};
}

const std::string kAway = "http://127.0.0.1:1";  // nothing listens there

TEST(MasterClient, TheNextOneIsAskedWhereOneIsAway) {
  Master master([](const HttpRequest&) { return Says(R"({"tasks": []})"); });
  MasterClient client({.urls = {kAway, master.url()}, .token = "secret"});
  const auto answer = client.Get("/tasks");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->text, R"({"tasks": []})");
  ASSERT_EQ(master.requests.size(), 1u);
  EXPECT_EQ(master.requests[0].path, "/api/v1/tasks");
  EXPECT_EQ(master.requests[0].Header("authorization"), "Bearer secret");
}

TEST(MasterClient, WhereNobodyAnswersAllThatWereTriedAreNamed) {
  const auto answer = MasterClient({.urls = {kAway, "http://127.0.0.1:2"}}).Post("/leader/evict");
  EXPECT_EQ(answer.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(std::string(answer.status().message()),
              AllOf(HasSubstr("no master answers: http://127.0.0.1:1 cannot be connected to; "
                              "http://127.0.0.1:2 cannot"),
                    HasSubstr("--master or GODWIT_MASTER")));
}

TEST(MasterClient, TheMastersOwnWordsAreTheError) {
  Master master([](const HttpRequest&) {
    return portal::ErrorResponse(base::FailedPrecondition("task shop runs: stop it first"));
  });
  MasterClient client({.urls = {master.url(), kAway}});
  const auto answer = client.Delete("/tasks/shop");
  EXPECT_EQ(answer.status(), base::FailedPrecondition("task shop runs: stop it first"));
}

TEST(MasterClient, AMasterThatKnowsNoLeaderIsPassedOverWhereNothingIsChanged) {
  Master lonely([](const HttpRequest&) {
    return portal::ErrorResponse(base::Unavailable("no master leads at the moment"));
  });
  Master other([](const HttpRequest&) { return Says("{}"); });
  MasterClient client({.urls = {lonely.url(), other.url()}});
  EXPECT_TRUE(client.Get("/tasks").ok());
  EXPECT_EQ(client.Post("/leader/evict").status(),
            base::Unavailable("no master leads at the moment"));
  EXPECT_EQ(other.requests.size(), 1u);
}

TEST(MasterClient, WithoutATokenOneIsAskedFor) {
  Master master([](const HttpRequest&) {
    return portal::ErrorResponse(401, "unauthenticated", "a token is needed");
  });
  EXPECT_THAT(std::string(MasterClient({.urls = {master.url()}}).Get("/tasks").status().message()),
              AllOf(HasSubstr("a token is needed"), HasSubstr("set GODWIT_TOKEN")));
  EXPECT_THAT(
      std::string(
          MasterClient({.urls = {master.url()}, .token = "x"}).Get("/tasks").status().message()),
      HasSubstr("does not know the token"));
}

TEST(MasterClient, WhatIsNoMasterIsSaidToBeNone) {
  Master master([](const HttpRequest&) { return Says("<html>", 200); });
  const auto answer = MasterClient({.urls = {master.url()}}).Get("/tasks");
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("does not answer as a master"));
}

TEST(MasterClient, UrlsAreTakenApartAndRefusedWhereTheyAreNone) {
  EXPECT_THAT(*ParseMasterUrls("http://a:1,https://b:2/"),
              ElementsAre("http://a:1", "https://b:2"));
  for (const char* wrong : {"", "a:1", "http://", "ftp://a", "http://user@a:1", "http://a:1/api"}) {
    EXPECT_EQ(ParseMasterUrls(wrong).status().code(), StatusCode::kInvalidArgument) << wrong;
  }
}

TEST(Session, ANameThatIsNotKnownGetsASimilarOne) {
  Master master([](const HttpRequest& request) {
    if (request.path == "/api/v1/tasks") return Says(R"({"tasks": [{"name": "shop"}]})");
    return portal::ErrorResponse(base::NotFound("there is no task shpo"));
  });
  Session session(MasterClient({.urls = {master.url()}}), false);
  const auto answer = session.client().Get(PathOf(Named::kTask, "shpo"));
  EXPECT_EQ(session.Explain(answer.status(), Named::kTask, "shpo"),
            base::NotFound("there is no task shpo; did you mean shop?"));
}

}  // namespace
}  // namespace godwit::cli

#include "portal/portal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "portal/event_feed.h"
#include "portal/http_server.h"
#include "portal/master_metrics.h"
#include "portal/member_routes.h"
#include "portal/source_routes.h"
#include "portal/subtask_status.h"
#include "portal/task_routes.h"
#include "running_master.h"

namespace godwit::portal {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kSource[] = "name: a\nurl: mysql://godwit@127.0.0.1:1\npassword_env: SRC\n";
constexpr char kTask[] =
    "name: shop\nsources: [a]\ntarget: {url: 'mysql://godwit@127.0.0.1:2'}\n"
    "tables: {include: ['shop.*']}\n";

base::StatusOr<Caller> Known(const std::string& authorization) {
  if (authorization == "Bearer reader") return Caller{"reader", Role::kRead};
  if (authorization == "Bearer operator") return Caller{"operator", Role::kOperate};
  return base::MakeStatus(base::StatusCode::kUnauthenticated, "no token");
}

// A master with its portal, listening.
class Node {
 public:
  explicit Node(store::Store& store, const std::string& name)
      : measured_(store),
        metrics_(measured_),
        server_(*HttpServer::Start(
            {.listen = "127.0.0.1:0", .threads = 4},
            [this](const HttpRequest& request) { return portal_->Handle(request); })),
        master_(measured_, name, server_->url(),
                [this](const cluster::View& view, const auto& changes) {
                  events_.OnChanges(view, changes);
                  metrics_.OnChanges(view, changes);
                }),
        statuses_(master_.control(), {}) {
    std::vector<Route> routes = MemberRoutes(master_.control());
    for (auto& more :
         {SourceRoutes(master_.control(), statuses_), TaskRoutes(master_.control(), statuses_)}) {
      routes.insert(routes.end(), more.begin(), more.end());
    }
    portal_ = std::make_unique<Portal>(master_.control(), std::move(routes), std::vector<Page>(),
                                       Portal::Options{.version = "1", .check_caller = Known});
    master_.Await();
  }
  ~Node() { server_->Stop(); }

  base::StatusOr<HttpResponse> Ask(const std::string& method, const std::string& path,
                                   const std::string& body = "",
                                   const std::string& token = "operator") {
    HttpRequest request{.method = method, .path = "/api/v1" + path, .body = body};
    request.headers["authorization"] = "Bearer " + token;
    if (const size_t mark = request.path.find('?'); mark != std::string::npos) {
      const size_t equals = request.path.find('=');
      request.query[request.path.substr(mark + 1, equals - mark - 1)] =
          request.path.substr(equals + 1);
      request.path.resize(mark);
    }
    return Call(server_->url(), request, {});
  }
  Json Get(const std::string& path) {
    const auto response = Ask("GET", path);
    EXPECT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, 200) << response->body;
    return Json::parse(response->body);
  }
  void Do(const std::string& method, const std::string& path, const std::string& body = "") {
    const auto response = Ask(method, path, body);
    ASSERT_TRUE(response.ok()) << response.status();
    ASSERT_EQ(response->status, 200) << response->body;
  }

  std::string url() const { return server_->url(); }
  EventFeed& events() { return events_; }
  std::string Metrics() { return metrics_.Page(master_.control()); }

 private:
  MeasuredStore measured_;
  EventFeed events_;
  MasterMetrics metrics_;
  std::unique_ptr<Portal> portal_;
  std::unique_ptr<HttpServer> server_;
  RunningMaster master_;
  SubtaskStatuses statuses_;
};

TEST(PortalTest, WhoMayNotIsRefused) {
  store::MemoryStore store;
  Node node(store, "m1");
  EXPECT_EQ(node.Ask("GET", "/sources", "", "stranger")->status, 401);
  EXPECT_EQ(node.Ask("GET", "/sources", "", "reader")->status, 200);
  EXPECT_EQ(node.Ask("POST", "/sources?check=false", kSource, "reader")->status, 403);
  EXPECT_EQ(node.Ask("GET", "/openapi.json", "", "stranger")->status, 200);
  EXPECT_EQ(node.Ask("GET", "/nothing")->status, 404);
  EXPECT_EQ(node.Ask("POST", "/sources?check=false", std::string((1 << 20) + 1, 'x'))->status, 413);
}

TEST(PortalTest, SourcesAndTasksComeAndGo) {
  store::MemoryStore store;
  Node node(store, "m1");
  EXPECT_EQ(node.Ask("POST", "/tasks", kTask)->status, 404);  // its source is not there
  node.Do("POST", "/sources?check=false", kSource);
  const auto again = node.Ask("POST", "/sources?check=false", kSource);
  EXPECT_EQ(again->status, 409);
  EXPECT_THAT(again->body, HasSubstr("already"));
  Json source = node.Get("/sources/a");
  EXPECT_EQ(source["state"], "waiting");
  EXPECT_EQ(source["url"], "mysql://godwit@127.0.0.1:1");
  EXPECT_EQ(source["config"], kSource);
  EXPECT_THAT(node.Get("/sources/a/status")["action"].get<std::string>(), HasSubstr("worker"));

  node.Do("POST", "/tasks", kTask);
  EXPECT_EQ(node.Get("/sources/a")["tasks"], Json::array({"shop"}));
  EXPECT_EQ(node.Get("/tasks/shop")["stages"]["a"], "Running");
  node.Do("POST", "/tasks/shop/pause");
  EXPECT_EQ(node.Ask("POST", "/tasks/shop/pause")->status, 409);
  const Json subtask = node.Get("/tasks/shop/status")["subtasks"][0];
  EXPECT_EQ(subtask["expected_stage"], "Paused");
  EXPECT_EQ(subtask["stage"], "New");
  EXPECT_EQ(subtask["live"], false);
  EXPECT_EQ(node.Ask("POST", "/tasks/shop/restart")->status, 400);
  EXPECT_EQ(node.Ask("POST", "/tasks/shop/restart", R"({"confirm": "other"})")->status, 400);
  node.Do("POST", "/tasks/shop/restart", R"({"confirm": "shop"})");
  EXPECT_EQ(node.Get("/tasks/shop")["stages"]["a"], "Running");
  EXPECT_EQ(node.Ask("GET", "/tasks/shop/tables?state=ill")->status, 400);
  EXPECT_EQ(node.Get("/tasks/shop/tables?state=error")["subtasks"][0]["live"], false);
  EXPECT_EQ(node.Ask("DELETE", "/sources/a")->status, 409);  // in use
  EXPECT_EQ(node.Ask("PUT", "/tasks/other", kTask)->status, 400);
  node.Do("POST", "/sources/a/disable");
  EXPECT_EQ(node.Get("/sources/a")["state"], "disabled");
  EXPECT_EQ(node.Ask("POST", "/sources/a/transfer", "{}")->status, 400);
  EXPECT_EQ(node.Ask("GET", "/tasks/none/status")->status, 404);
}

// Somebody else has written it into the store, or an earlier version.
TEST(PortalTest, AConfigurationThatDoesNotParseIsNotShown) {
  store::MemoryStore store;
  ASSERT_TRUE(store
                  .Put(cluster::SourceKey("b"),
                       ToJson(cluster::SourceRecord{.config = "password: hunter2\n"}))
                  .ok());
  Node node(store, "m1");
  EXPECT_EQ(node.Get("/sources/b")["config"], "");
  EXPECT_THAT(node.Ask("GET", "/sources")->body, Not(HasSubstr("hunter2")));
}

TEST(PortalTest, AMasterThatDoesNotLeadPassesOnWithTheCallersRights) {
  store::MemoryStore store;
  Node leader(store, "m1"), other(store, "m2");
  EXPECT_EQ(other.Get("/members")["leader"]["name"], "m1");
  EXPECT_EQ(other.Ask("POST", "/sources?check=false", kSource, "reader")->status, 403);
  other.Do("POST", "/sources?check=false", kSource);
  EXPECT_EQ(leader.Get("/sources")["sources"].size(), 1);
  EXPECT_EQ(other.Ask("DELETE", "/sources/none")->status, 404);

  // It holds another for the leader than the one that has passed it on.
  HttpRequest request{.method = "GET", .path = "/api/v1/members"};
  request.headers["authorization"] = "Bearer reader";
  EXPECT_EQ(Call(other.url(), request, {}, {{"X-Godwit-Forwarded", "1"}})->status, 503);
}

// What a listener has been told by now.
std::string Told(const HttpResponse& listening, const std::string& until) {
  std::string told, piece;
  for (int i = 0; i < 10 && told.find(until) == std::string::npos; ++i, piece.clear()) {
    EXPECT_TRUE(listening.stream(piece));
    told += piece;
  }
  return told;
}

TEST(EventFeedTest, TellsOfChangesAndGoesOnAfterTheLastThatWasSeen) {
  store::MemoryStore store;
  Node node(store, "m1");
  const HttpResponse listening = node.events().Listen({});
  node.Do("POST", "/sources?check=false", kSource);
  const std::string told = Told(listening, "event: bound");
  EXPECT_THAT(told, HasSubstr("event: source\n"));
  EXPECT_THAT(told, HasSubstr("\"key\":\"source/a\""));
  EXPECT_THAT(told, Not(HasSubstr("127.0.0.1")));  // no configurations
  node.Do("POST", "/sources/a/disable");

  const size_t id = told.find("id: ") + 4;
  HttpRequest resume;
  resume.headers["last-event-id"] = told.substr(id, told.find('\n', id) - id);
  EXPECT_THAT(Told(node.events().Listen(resume), "\"enabled\":false"),
              testing::AllOf(HasSubstr("\"enabled\":true"), HasSubstr("\"enabled\":false"),
                             Not(HasSubstr("missed"))));
  resume.headers["last-event-id"] = "0";
  EXPECT_THAT(Told(node.events().Listen(resume), "missed"), HasSubstr("event: missed"));
  resume.headers["last-event-id"] = "x";
  EXPECT_EQ(node.events().Listen(resume).status, 400);
}

TEST(MasterMetricsTest, CountsWhatThereIs) {
  store::MemoryStore store;
  Node node(store, "m1");
  node.Do("POST", "/sources?check=false", kSource);
  const std::string page = node.Metrics();
  EXPECT_THAT(page, HasSubstr("\ngodwit_master_leads 1\n"));
  EXPECT_THAT(page, HasSubstr("\ngodwit_sources{state=\"waiting\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("\ngodwit_workers{state=\"offline\"} 0\n"));
  EXPECT_THAT(page, HasSubstr("\n# TYPE godwit_store_seconds_total counter\n"));
  EXPECT_THAT(page, HasSubstr("\ngodwit_failovers_total 0\n"));
}

// What a worker that is gone has last said of its subtasks is not what they are in.
TEST(MasterMetricsTest, WhatNobodyRunsIsNotRunning) {
  store::MemoryStore store;
  Node node(store, "m1");
  node.Do("POST", "/sources?check=false", kSource);
  node.Do("POST", "/tasks", kTask);
  ASSERT_TRUE(store
                  .Put(cluster::StateKey("a", "shop"),
                       ToJson(cluster::SubtaskState{cluster::Stage::kRunning, "w", 7, 5, "", ""}))
                  .ok());
  ASSERT_TRUE(store.Put(cluster::HeldKey("a"), ToJson(cluster::Held{"w", 7})).ok());
  const auto await = [&](const std::string& sample) {
    std::string page;
    for (int i = 0; i < 2000 && page.find(sample) == std::string::npos; ++i) {
      page = node.Metrics();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_THAT(page, HasSubstr(sample));
  };
  await("\ngodwit_subtasks{stage=\"Running\"} 1\n");
  ASSERT_TRUE(store.Delete(cluster::HeldKey("a")).ok());
  await("\ngodwit_subtasks{stage=\"Running\"} 0\n");
  await("\ngodwit_subtasks{stage=\"New\"} 1\n");
}

}  // namespace
}  // namespace godwit::portal

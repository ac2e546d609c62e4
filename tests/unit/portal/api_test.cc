#include "portal/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "portal/http_server.h"
#include "portal/openapi.h"
#include "portal/schemas.h"

namespace godwit::portal {
namespace {

Route RouteAt(std::string method, std::string path) {
  return {.method = std::move(method), .path = std::move(path), .response = "Done"};
}

TEST(RouterTest, FindsByMethodAndPathWithParametersDecoded) {
  const Router router({RouteAt("GET", "/tasks/{task}"), RouteAt("DELETE", "/tasks/{task}"),
                       RouteAt("POST", "/tasks/check"), RouteAt("POST", "/tasks/{task}"),
                       RouteAt("GET", "/sources/{source}/schemas/{schema}/tables")});
  auto found = router.Find("DELETE", "/api/v1/tasks/shop");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->route->method, "DELETE");
  EXPECT_EQ(found->parameters.at("task"), "shop");

  found = router.Find("GET", "/api/v1/sources/a/schemas/with%2Fslash%20/tables");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->parameters.at("schema"), "with/slash ");

  EXPECT_EQ(router.Find("POST", "/api/v1/tasks/check")->route->path, "/tasks/check");
  EXPECT_EQ(router.Find("POST", "/api/v1/tasks/other")->parameters.at("task"), "other");

  EXPECT_EQ(router.Find("PUT", "/api/v1/tasks/shop").status().code(),
            base::StatusCode::kInvalidArgument);
  for (const char* path : {"/api/v1/tasks", "/api/v1/tasks/", "/tasks/shop", "/api/v1", "/",
                           "/api/v1/tasks/shop/more"}) {
    EXPECT_EQ(router.Find("GET", path).status().code(), base::StatusCode::kNotFound) << path;
  }
}

TEST(ApiRequestTest, AFileComesAsTextOrInAnObject) {
  HttpRequest http{.body = "name: a\n", .headers = {{"content-type", "application/yaml"}}};
  const ApiRequest request{http, {}, {}};
  EXPECT_EQ(*request.File(), "name: a\n");
  http.headers["content-type"] = "application/json; charset=utf-8";
  EXPECT_FALSE(request.File().ok());
  http.body = R"({"config": "name: b\n"})";
  EXPECT_EQ(*request.File(), "name: b\n");
  for (const char* wrong : {"", "[]", "{", R"({"config": 1})", "{}"}) {
    http.body = wrong;
    EXPECT_EQ(request.File().status().code(), base::StatusCode::kInvalidArgument) << wrong;
  }
}

TEST(ApiRequestTest, FlagsAreTrueOrFalse) {
  HttpRequest http{.query = {{"start", "false"}, {"keep", "yes"}}};
  const ApiRequest request{http, {}, {}};
  EXPECT_FALSE(*request.Flag("start", true));
  EXPECT_TRUE(*request.Flag("check", true));
  EXPECT_EQ(request.Flag("keep", false).status().code(), base::StatusCode::kInvalidArgument);
}

TEST(HttpTest, PercentEncodingGoesBothWays) {
  const std::string odd = "a b/c%?ä\n";
  EXPECT_EQ(DecodePercent(EncodePercent(odd)), odd);
  EXPECT_EQ(DecodePercent("100%"), "100%");
  EXPECT_EQ(DecodePercent("%zz%4"), "%zz%4");
}

TEST(HttpTest, OnlyLoopbackIsListenedAtWithoutTlsAndTokens) {
  const CheckCaller tokens = [](const std::string&) { return Caller{}; };
  const HttpTls tls{.cert = "c", .key = "k"};
  const std::string all = "0.0.0.0:80", url = "http://10.0.0.1:80";
  EXPECT_TRUE(CheckExposure({.listen = "127.0.0.1:0"}).ok());
  EXPECT_TRUE(CheckExposure({.listen = "[::1]:80"}).ok());
  EXPECT_FALSE(CheckExposure({all, url}).ok());
  EXPECT_FALSE(CheckExposure({all, url, tls}).ok());
  EXPECT_FALSE(CheckExposure({all, url, {}, tokens}).ok());
  EXPECT_TRUE(CheckExposure({all, url, tls, tokens}).ok());
  EXPECT_TRUE(CheckExposure({all, url, {}, {}, true}).ok());
  EXPECT_FALSE(CheckExposure({all, "", tls, tokens}).ok());  // others would be told 0.0.0.0
  for (const char* wrong : {"", "80", ":80", "host", "host:", "host:x", "host:65536"}) {
    EXPECT_EQ(CheckExposure({.listen = wrong, .is_insecure = true}).code(),
              base::StatusCode::kInvalidArgument)
        << wrong;
  }
}

TEST(OpenApiTest, HasEachRouteWithWhatItTakesAndGives) {
  Route route = RouteAt("POST", "/tasks/{task}/start");
  route.role = Role::kOperate;
  route.body = Body::kObject;
  route.request = "OnSources";
  route.flags = {{"now", true, "At once"}};
  const Json document = OpenApi({route, RouteAt("GET", "/tasks/{task}/start")}, "1.2");
  const Json& methods = document["paths"]["/tasks/{task}/start"];
  EXPECT_EQ(methods.size(), 2);
  const Json& post = methods["post"];
  EXPECT_EQ(post["operationId"], "postTasksTaskStart");
  EXPECT_EQ(post["x-role"], "operate");
  ASSERT_EQ(post["parameters"].size(), 2);
  EXPECT_EQ(post["parameters"][0]["name"], "task");
  EXPECT_EQ(post["parameters"][1]["schema"]["default"], true);
  EXPECT_EQ(post["requestBody"]["content"]["application/json"]["schema"]["$ref"],
            "#/components/schemas/OnSources");
  EXPECT_FALSE(methods["get"].contains("security"));
}

// Of any depth.
void ExpectReferencesResolve(const Json& json) {
  if (json.is_object() && json.contains("$ref")) {
    const std::string name = json["$ref"].get<std::string>();
    const std::string root = "#/components/schemas/";
    ASSERT_TRUE(name.starts_with(root)) << name;
    EXPECT_TRUE(Schemas().contains(name.substr(root.size()))) << name;
  }
  if (!json.is_structured()) return;
  for (const auto& [key, value] : json.items()) ExpectReferencesResolve(value);
}

TEST(OpenApiTest, SchemasAreAllThere) { ExpectReferencesResolve(Schemas()); }

}  // namespace
}  // namespace godwit::portal

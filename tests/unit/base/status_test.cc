#include "base/status.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace godwit::base {
namespace {

TEST(Status, IsBuiltWithItsCodeAndAFormattedMessage) {
  EXPECT_EQ(Unavailable("{} of {}", 1, "two"), absl::UnavailableError("1 of two"));
  EXPECT_EQ(Aborted("a").code(), StatusCode::kAborted);
  EXPECT_EQ(FailedPrecondition("a").code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(InvalidArgument("a").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(NotFound("a").code(), StatusCode::kNotFound);
  EXPECT_EQ(DataLoss("a").code(), StatusCode::kDataLoss);
  EXPECT_EQ(Cancelled("a").code(), StatusCode::kCancelled);
  EXPECT_EQ(Internal("a").code(), StatusCode::kInternal);
  EXPECT_EQ(Unimplemented("a").code(), StatusCode::kUnimplemented);
  EXPECT_EQ(ResourceExhausted("a").code(), StatusCode::kResourceExhausted);
}

TEST(Status, CanBeAnnotated) {
  EXPECT_EQ(Annotate(DataLoss("short"), "event 3"), absl::DataLossError("event 3: short"));
  EXPECT_TRUE(Annotate(OkStatus(), "event 3").ok());
}

TEST(Status, HasAMessageThatCanBeFormatted) {
  EXPECT_EQ(fmt::format("<{:>4}>", DataLoss("abc").message()), "< abc>");
}

Status PassOn(const Status& status, int* reached) {
  GODWIT_RETURN_IF_ERROR(status);
  ++*reached;
  return Cancelled("end");
}

TEST(Status, IsPassedOnUnlessOk) {
  int reached = 0;
  EXPECT_EQ(PassOn(Internal("bug"), &reached), absl::InternalError("bug"));
  EXPECT_EQ(reached, 0);
  EXPECT_EQ(PassOn(OkStatus(), &reached), absl::CancelledError("end"));
  EXPECT_EQ(reached, 1);
}

StatusOr<int> Sum(StatusOr<std::unique_ptr<int>> a, const StatusOr<int>& b) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<int> first, std::move(a));
  int second = 0;
  GODWIT_ASSIGN_OR_RETURN(second, b);
  return *first + second;
}

TEST(Status, GivesItsValueOrIsPassedOn) {
  EXPECT_EQ(*Sum(std::make_unique<int>(2), 3), 5);
  EXPECT_EQ(Sum(DataLoss("a"), 3).status(), absl::DataLossError("a"));
  EXPECT_EQ(Sum(std::make_unique<int>(2), Aborted("b")).status(), absl::AbortedError("b"));
}

}  // namespace
}  // namespace godwit::base

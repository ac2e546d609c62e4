#include "portal/etcd/last_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::portal {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(LastWordsTest, ErrorsGoBeforeTheRestAndSayWhatToDo) {
  EXPECT_THAT(LastWordsOf(R"({"level":"info","msg":"starting"}
{"level":"fatal","ts":"2026-11-23","msg":"discovery failed","error":"listen tcp 127.0.0.1:1: bind: address already in use"}
{"level":"info","msg":"closed"}
)"),
              AllOf(HasSubstr("discovery failed: listen tcp"),
                    HasSubstr("What to do: another process"), Not(HasSubstr("closed"))));
}

TEST(LastWordsTest, WithoutErrorsItIsWhatWasSaidLast) {
  EXPECT_EQ(LastWordsOf("{\"level\":\"info\",\"msg\":\"a\"}\n{\"level\":\"warn\",\"msg\":\"b\"}\n"),
            "a; b");
  EXPECT_EQ(LastWordsOf(""), "it has said nothing");
}

TEST(LastWordsTest, StacksAndNotesAreLeftOut) {
  EXPECT_EQ(LastWordsOf("2026-11-23 06:45:27.457116 I | pkg/flags: recognized ETCD_NAME=a\n"),
            "it has said nothing");
  EXPECT_EQ(LastWordsOf("panic: no\n\ngoroutine 1 [running]:\nmain.main()\n\t/a/b.go:12 +0x1\n"),
            "panic: no");
}

}  // namespace
}  // namespace godwit::portal

#include "connectors/postgres/log/publication_note.h"

#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

TEST(PublicationNoteTest, IsReadAsItWasWritten) {
  const PublicationNote note{.by_leaf = true,
                             .generation = 1'790'000'000'000'017,
                             .identities = {{16384, 'd'}, {4'294'967'295, 'n'}}};
  EXPECT_EQ(PublicationNote::Parse(note.ToComment()), note);
  EXPECT_EQ(PublicationNote::Parse(PublicationNote{}.ToComment()), PublicationNote{});
}

TEST(PublicationNoteTest, WhatOthersHaveWrittenNotesNothing) {
  for (const char* comment :
       {"", "for the warehouse", "Godwit: ", "Godwit: [1]", "Godwit: {\"generation\": \"x\"}",
        "Godwit: {\"generation\": -1}", "Godwit: {\"identities\": 5}", "Godwit: {\"by_leaf\": 1}",
        "Godwit: {\"identities\": {\"t\": \"d\", \"7\": \"dd\", \"8\": 1}}"}) {
    EXPECT_EQ(PublicationNote::Parse(comment), PublicationNote{}) << comment;
  }
}

}  // namespace
}  // namespace godwit::connectors::postgres

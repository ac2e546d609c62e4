#include "cli/cluster/cluster_text.h"
#include "cli/cluster/command_group.h"

namespace godwit::cli {
Command AddMemberCommand(CLI::App& parent) {
  CommandGroup group(parent, "member", "The masters and workers of a cluster",
                     "  godwit member list\n"
                     "  godwit member remove w3");
  group.Add("list", "List them", "Examples:\n  godwit member list", [](CLI::App&) {
    return [](Session& session) {
      return session.Show(session.client().Get("/members"), MemberLines);
    };
  });
  group.Add("remove", "Take a worker that is offline from the books",
            "It is back when it is started again.\n\nExamples:\n  godwit member remove w3",
            [](CLI::App& app) {
              return OnNamed(app, Named::kWorker,
                             [](MasterClient& client, const std::string& path) {
                               return client.Delete(path);
                             });
            });
  return group.Finish();
}

Command AddLeaderCommand(CLI::App& parent) {
  CommandGroup group(parent, "leader", "The master that decides", "  godwit leader evict");
  group.Add("evict", "Have the leading master step back, so that another one leads",
            "Examples:\n  godwit leader evict", [](CLI::App&) {
              return [](Session& session) {
                return session.Report(session.client().Post("/leader/evict"));
              };
            });
  return group.Finish();
}

Command AddRelayCommand(CLI::App& parent) {
  CommandGroup group(parent, "relay", "The logs of sources that workers keep",
                     "  godwit relay status shop-db\n"
                     "  godwit relay pause shop-db");
  group.Add("status", "Print how the relay of a source stands",
            "Examples:\n  godwit relay status shop-db", [](CLI::App& app) {
              const Word word = AddWord(app, "source", "The source, or its file");
              return [=](Session& session) {
                const auto name = NameIn(Named::kSource, *word);
                if (!name.ok()) return Fail(name.status());
                const auto answer = session.client().Get(PathOf(Named::kSource, *name) + "/relay");
                return session.Show(answer, Named::kSource, *name, RelayLines);
              };
            });
  group.Add("pause", "Have a source's log read no further",
            "Examples:\n  godwit relay pause shop-db",
            [](CLI::App& app) { return OnNamed(app, Named::kSource, PostTo("/relay/pause")); });
  group.Add("resume", "Have a source's log read again", "Examples:\n  godwit relay resume shop-db",
            [](CLI::App& app) { return OnNamed(app, Named::kSource, PostTo("/relay/resume")); });
  return group.Finish();
}

}  // namespace godwit::cli

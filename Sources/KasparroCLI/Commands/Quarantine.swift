import ArgumentParser

/// `kasparro quarantine …`: records that could not become rows.
struct Quarantine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at the records that could not become rows, try them again, take them out.",
        discussion: """
            A record that cannot be read waits in quarantine with its bytes and the reasons. An id may be abbreviated as long as only one
            record has it. Works with and without a server:
              kasparro quarantine list --source csv
              kasparro quarantine show 3f9ac1
              kasparro quarantine replay --source csv
              kasparro quarantine purge --reason ragged_row --older-than 30d
            """,
        subcommands: [QuarantineList.self, QuarantineShow.self, QuarantineReplay.self, QuarantinePurge.self],
        defaultSubcommand: QuarantineList.self
    )
}

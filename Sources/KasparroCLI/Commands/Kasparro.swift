import ArgumentParser

/// `kasparro [serve]`: the root of all commands.
struct Kasparro: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kasparro",
        abstract: "Keeps market data from several sources in plain files and serves them over HTTP.",
        discussion: """
            Start it, then ask it:
              kasparro --data-dir var
              curl 'http://127.0.0.1:8080/data?limit=5'

            Look after it, while it runs:
              kasparro status
              kasparro backup /backup/monday

            Read on, and see what else this file carries: unit, dashboard, alert rules, completions:
              kasparro help serve
              kasparro asset man | man -l -
              kasparro asset
            """,
        version: BuildInformation.version,
        subcommands: [
            Serve.self, Run.self, Query.self, Export.self, Import.self, Preview.self, Check.self, Config.self, Mappings.self, Quarantine.self,
            Token.self, Status.self, Healthcheck.self, Verify.self, Repair.self,
            Compact.self, Backup.self, Restore.self,
            Asset.self, Completion.self, Version.self,
        ],
        defaultSubcommand: Serve.self
    )
}

/// `kasparro version`
struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the program's version.")

    @Flag(name: .long, help: "Print a JSON object.")
    var json = false

    func run() {
        print(json ? BuildInformation.json : "kasparro \(BuildInformation.version)")
    }
}

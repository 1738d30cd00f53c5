import ArgumentParser
import HTTPAPI
import Ingest
import Transfer

/// `kasparro healthcheck`: is there a server that takes requests? For containers and scripts.
struct Healthcheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a server whether it takes requests, and print one line. Exit 0: it does, 1: it does not.",
        discussion: """
            Without --url the server of the data directory is asked through its control socket, for which no token and no network is needed. One
            that is degraded, because a source fails or the disk is full, takes requests: exit 0, and the line says so.
              kasparro healthcheck
              kasparro healthcheck --url http://127.0.0.1:8080
            """
    )

    @Option(name: .long, help: ArgumentHelp("Ask the server at this address.", valueName: "url"))
    var url: String?

    @Option(name: .long, help: ArgumentHelp("How long an answer may take, from 100ms to 5m.", valueName: "time"))
    var timeout = "5s"

    @OptionGroup var options: StoreCommandOptions

    private var milliseconds: Int64? { DurationText.milliseconds(timeout).flatMap { (100...300_000).contains($0) ? $0 : nil } }

    func validate() throws {
        if milliseconds == nil { throw ValidationError("--timeout \(timeout): a time from 100ms to 5m is expected, such as 5s") }
        if let url, !Fetcher.canFetch(url: url) { throw ValidationError("--url \(url): an absolute http or https URL is expected") }
    }

    func run() async throws {
        var answer: HealthAnswer
        let patience = Duration.milliseconds(milliseconds ?? 5_000)
        if let url {
            answer = await HealthAnswer.asking(url, socketPath: nil, within: patience)
        } else {
            let directory = try options.directory()
            // A name that is too long for a socket is reached by another one while this value lives.
            let name = try? SocketName(ControlSocket.fileName, in: directory)
            answer = await HealthAnswer.asking(
                "http://localhost",
                socketPath: name?.path ?? directory + "/" + ControlSocket.fileName,
                within: patience
            )
            .naming("the server of \(directory)")
            withExtendedLifetime(name) {}
            if answer.status == "unreachable", let holder = await OwnThread.run({ LockText.silentHolder(of: directory) }) {
                answer.reasons = answer.reasons.filter { $0 != HealthAnswer.nobody } + [holder]
            }
        }
        print(options.json ? answer.json : answer.text)
        if !answer.isHealthy { throw ExitCode.failure }
    }
}

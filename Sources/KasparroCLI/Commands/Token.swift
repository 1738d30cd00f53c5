import ArgumentParser
import Glibc
import HTTPAPI
import Ingest
import MarketData
import TickerStore

/// `kasparro token …`: what clients let themselves in with.
struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the bearer token, replace it, or make a JSON Web Token that ends by itself.",
        discussion: """
            Standard output has the token and nothing else:
              curl -X POST -H "Authorization: Bearer $(kasparro token show)" localhost:8080/refresh
              kasparro token rotate
              kasparro token mint --ttl 1h --subject backup
            """,
        subcommands: [TokenShow.self, TokenRotate.self, TokenMint.self],
        defaultSubcommand: TokenShow.self
    )
}

/// Where the token of a data directory's server is.
struct TokenOptions: ParsableArguments {
    @OptionGroup var file: TokenFileOptions

    @OptionGroup var options: StoreCommandOptions

    func place(_ configuration: Configuration) throws -> SecretPlace {
        let place = try SecretPlace.token(dataDirectory: options.directory(), configuration)
        // A directory that holds no store must not get a token: nobody would make a store in it afterwards.
        if case .file(let path) = place, path == (try options.directory()) + "/token" { _ = try options.storeDirectory() }
        return place
    }

    func configuration() throws -> Configuration { try Configuration(options.location.given, file.given) }

    /// The token on standard output, the rest on standard error.
    func tell(_ token: String, _ sentence: String, more: (inout JSONWriter) -> Void) {
        if options.json {
            print(
                jsonText { writer in
                    writer.member("token", token)
                    more(&writer)
                }
            )
        } else {
            print(token)
            writeError(sentence)
        }
    }
}

/// `kasparro token show`
struct TokenShow: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Print the bearer token and where it is.")

    @OptionGroup var options: TokenOptions

    func run() throws {
        let place = try options.place(options.configuration())
        guard let token = try place.read(PosixFileSystem()) else {
            if case .file(let path) = place, path != (try options.options.directory()) + "/token" {
                throw CommandFailure(.usage, SecretPlace.missing(path))
            }
            throw CommandFailure(.failure, "there is no token \(place.origin); kasparro token rotate makes one, and so does the server's first start")
        }
        options.tell(token, "The token \(place.origin).") { $0.member("origin", place.origin) }
    }
}

/// `kasparro token rotate`
struct TokenRotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Put a new bearer token in the place of the old one, which is good no longer."
    )

    @OptionGroup var options: TokenOptions

    func run() throws {
        let place = try options.place(options.configuration())
        guard case .file(let path) = place else {
            throw CommandFailure(
                .failure,
                "the token comes \(place.origin), which a command cannot change; set it to another one and start the server again"
            )
        }
        let token = try SecretFile.generate(at: path, PosixFileSystem())
        options.tell(token, "A new token is in \(path). A running server takes it at once, and the old one for a second more at most.") {
            $0.member("origin", place.origin)
        }
    }
}

/// `kasparro token mint`
struct TokenMint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mint",
        abstract: "Print a JSON Web Token that lets its holder in until it ends.",
        discussion: """
            It is signed (HS256) with the key in KASPARRO_JWT_SECRET, or in <data-dir>/jwt.key, which is made when missing. A new key makes all
            earlier tokens worthless.
            """
    )

    @Option(name: .long, help: ArgumentHelp("How long it is good, from 1s to 366d.", valueName: "time"))
    var ttl = "1h"

    @Option(name: .long, help: ArgumentHelp("Whom it is given to; of use to nobody but those who read it.", valueName: "name"))
    var subject: String?

    @OptionGroup var webTokens: WebTokenOptions
    @OptionGroup var options: StoreCommandOptions

    func validate() throws {
        guard let milliseconds = DurationText.milliseconds(ttl), (1_000...366 * 86_400_000).contains(milliseconds) else {
            throw ValidationError("--ttl \(ttl): a time from 1s to 366d is expected, such as 1h")
        }
        if let subject, !(1...256).contains(subject.utf8.count) { throw ValidationError("--subject: 1 to 256 bytes are expected") }
    }

    func run() async throws {
        let configuration = try Configuration(options.location.given, webTokens.given)
        let fileSystem = PosixFileSystem()
        var place = try SecretPlace.key(dataDirectory: options.directory(), configuration)
        if case .file = place { place = .file(try options.storeDirectory(fileSystem) + "/jwt.key") }
        var key = try place.read(fileSystem)
        if key == nil, case .file(let path) = place { key = try SecretFile.generateIfMissing(at: path, fileSystem) }
        try SecretPlace.checkKey(key ?? "", place)
        let now = currentMilliseconds() / 1_000
        let seconds = (DurationText.milliseconds(ttl) ?? 0) / 1_000
        let tokens = WebTokens(key: Array((key ?? "").utf8), expectation: try WebTokens.Expectation(configuration))
        guard let token = tokens?.mint(now: now, seconds: seconds, subject: subject) else {
            throw CommandFailure(.failure, "the key \(place.origin) cannot sign")
        }
        let end = Timestamp(milliseconds: (now + seconds) * 1_000)
        if options.json {
            print(
                jsonText { writer in
                    writer.member("token", token)
                    writer.member("expires_at", "\(end)")
                    writer.member("subject", subject)
                    writer.member("origin", place.origin)
                }
            )
        } else {
            print(token)
            writeError("Good until \(end). The key is \(place.origin).")
        }
    }
}

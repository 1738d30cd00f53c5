import Glibc
import Logging
import MarketData
import Synchronization
import TestSupport
import Testing
import TickerStore

@testable import Ingest

/// What nobody may see is in no message, in whatever form it comes.
@Suite struct SecretsTests {
    static let key = #"k3y/"with+odd=chars"#

    @Test(arguments: [
        ("plain k3y/\"with+odd=chars here", "plain *** here"), ("k3y%2F%22with%2Bodd%3Dchars", "***"), ("k3y%2f%22with%2bodd%3dchars", "***"),
        (#"{"a":"k3y/\"with+odd=chars"}"#, #"{"a":"***"}"#), ("it begins: k3y/\"wit", "it begins: ***"), ("cut k3y/\"wi… after", "cut ***… after"),
        (#"{"a":"k3y\/\"with+odd=chars"}"#, #"{"a":"***"}"#), ("<b>k3y/&quot;with+odd=chars</b>", "<b>***</b>"),
        ("k3y is no secret", "k3y is no secret"), ("", ""),
    ])
    func everyFormIsMasked(text: String, masked: String) {
        #expect(Secrets([Self.key]).redacted(text) == masked)
    }

    @Test func base64IsMaskedToo() {
        let secrets = Secrets([Self.key])
        for urlSafe in [false, true] {
            let text = secrets.redacted("Basic \(Base64.encode(Array(Self.key.utf8), urlSafe: urlSafe)).")
            #expect(text.hasPrefix("Basic ***") && text.count < 14, "\(text)")
        }
    }

    @Test func shortValuesAreNotMaskedBecauseTheyAreOrdinaryText() {
        #expect(Secrets(["abc", ""]).redacted("abc") == "abc" && Secrets().isEmpty)
    }

    @Test func theUserOfAURLIsASecretWholeAndInParts() {
        var secrets = Secrets()
        secrets.add(userInfoOf: "http://me:p%40ss-word@h.test/x@y")
        for text in ["me:p%40ss-word", "p%40ss-word", "p@ss-word", Base64.encode(Array("me:p@ss-word".utf8))] {
            #expect(secrets.redacted("<\(text)>").contains("***"), "\(text)")
        }
        #expect(secrets.redacted("h.test/x@y") == "h.test/x@y")
    }

    @Test func aSecretFromAFileLosesItsLastLineEndAndIsMasked() throws {
        let path = "/tmp/kasparro-secret-\(UInt64.random(in: 0 ... .max))"
        try PosixFileSystem().open(path, .createNew).write(all: Array("top-secret\n".utf8), at: 0)
        defer { unlink(path) }
        var surroundings = ConfigurationSurroundings(variables: [:], dataDirectory: "/d", userAgent: "t")
        surroundings.isReadableByAll = { $0 == path }
        let text = "{ sources: { own: { \(plainHTTP), headers: { Authorization: { prefix: 'Bearer ', file: '\(path)' } } } } }"
        let catalog = SourceCatalog(file: try ConfigurationText(path: "x", bytes: Array(text.utf8)), surroundings: surroundings)
        #expect(catalog.sources.last?.upstream?.headers == [NamedText("Authorization", "Bearer top-secret")], "\(catalog.problems)")
        #expect(catalog.secrets.redacted("Bearer top-secret") == "Bearer ***")
        #expect(catalog.problems.map(\.severity) == [.warning] && catalog.problems[0].message.contains("chmod 600"), "\(catalog.problems)")
    }

    @Test func pathsBeginAtTheFilesDirectory() throws {
        let text = "{ sources: { own: { \(plainHTTP), headers: { A: { file: 'none' } } } } }"
        let catalog = try catalog(text, path: "/etc/kasparro/x.conf")
        #expect(catalog.errors.first?.contains("open /etc/kasparro/none: ") == true, "\(catalog.errors)")
    }

    /// A server that sends the key back in its refusal.
    @Test func aKeyThatAServerSendsBackIsInNoRecordAndNoLog() async throws {
        let key = "sk-live-0123456789"
        let body = "the key \(key) is not known"
        let server = ScriptedServer(
            answer: "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        )
        defer { server.stop() }
        let text =
            plainHTTP.replacing("https://api.example.test", with: server.url)
            + ", headers: { 'X-Api-Key': { env: 'KEY' } }, query: { k: { env: 'KEY' } }"
        let (definition, catalog) = try source(text, variables: ["KEY": key])
        let bench = try Workbench(sources: [try #require(definition)])
        bench.environment.secrets = catalog.secrets
        let lines = Mutex<[String]>([])
        bench.environment.logger = Logger(label: "test") { _ in CapturingHandler { line in lines.withLock { $0.append(line) } } }
        try bench.restart()
        let run = try await bench.run()
        #expect(server.requests.first?.contains("X-Api-Key: \(key)") == true, "\(server.requests)")
        var writer = JSONWriter()
        writer.beginObject()
        run.appendMembers(to: &writer, includingBatches: true)
        writer.endObject()
        let record = String(decoding: writer.bytes, as: UTF8.self)
        #expect(record.contains("the key *** is not known") && !record.contains(key), "\(record)")
        let log = lines.withLock { $0.joined(separator: "\n") }
        #expect(log.contains("403") && !log.contains(key), "\(log)")
    }
}

/// Hands each line on as text.
struct CapturingHandler: LogHandler {
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]
    let take: @Sendable (String) -> Void

    init(_ take: @escaping @Sendable (String) -> Void) { self.take = take }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { take("\(event.message) \(event.metadata ?? [:])") }
}

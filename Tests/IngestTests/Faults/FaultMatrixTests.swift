import Foundation
import TestSupport
import Testing

@testable import Ingest
@testable import TickerStore

/// The fault matrix: what becomes of each thing that can go wrong at a server. The same table stands in the module's `FAULTS.md`.
@Suite struct FaultMatrixTests {
    static let all = answerFaults + bodyFaults + recordFaults + walkFaults

    @Test(arguments: all) func eachFaultHasItsOneOutcome(fault: Fault) async throws {
        let site = FaultSite()
        site.server.play(all: try fault.scripts(site))
        let bench = try Workbench(sources: [Self.source(fault, site)])
        bench.environment.secrets = Secrets(["hunter2hunter2"])
        try bench.restart()
        let run = try await bench.run()
        let lines = try bench.lines()
        #expect(lines.count == fault.stored, "stored: \(lines)")
        #expect(bench.quarantineReasons == fault.quarantined)
        #expect(run.errors.map(\.type) == (fault.error.map { [$0] } ?? []), "\(run.errors)")
        #expect(
            run.errors.allSatisfy { (fault.says.isEmpty || $0.message.contains(fault.says)) && !$0.message.contains("hunter2hunter2") },
            "\(run.errors)"
        )
        #expect(site.server.requests.count == fault.requests, "\(site.server.requests)")
        let status: RunRecord.Status = fault.error == nil ? .success : fault.stored > 0 ? .partialSuccess : .failed
        #expect(run.status == status)
        if let problem = fault.also(site, lines) { Issue.record("\(problem)") }
    }

    @Test(arguments: [
        ("unknown authority", "valid.pem", false, "valid.pem"), ("expired certificate", "expired.pem", true, "expired"),
        ("certificate of another host", "other-host.pem", true, ""),
    ])
    func aCertificateThatCannotBeTrusted(name: String, certificate: String, isKnown: Bool, says: String) async throws {
        let server = try TLSServer(certificate: certificate, .answer(body: Coins.good))
        let run = try await Self.run(over: server, trusting: isKnown)
        #expect(run.errors.map(\.type) == [.tls] && run.inserted == 0, "\(name): \(run.errors)")
    }

    @Test func aCertificateOfAnAuthorityThatIsDeclaredIsTrusted() async throws {
        let server = try TLSServer(certificate: "valid.pem", .answer(body: Coins.good))
        let run = try await Self.run(over: server, trusting: true)
        #expect(run.status == .success && run.inserted == 2, "\(run.errors)")
    }

    @Test func theTableOfTheDocumentationIsThisOne() throws {
        let head = "| situation | rows | quarantined | error | requests |\n|---|---:|---|---|---:|\n"
        let table = head + Self.all.map(\.tableRow).joined(separator: "\n") + "\n"
        let path = String(#filePath.dropLast("Tests/IngestTests/Faults/FaultMatrixTests.swift".count)) + "Sources/Ingest/FAULTS.md"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        if getenv("KASPARRO_WRITE_FAULTS") != nil {
            let begin = text.range(of: "| situation")?.lowerBound ?? text.endIndex
            try (text[..<begin] + table).write(toFile: path, atomically: true, encoding: .utf8)
            return
        }
        #expect(text.hasSuffix(table), "the table is another; KASPARRO_WRITE_FAULTS=1 writes it anew")
    }

    private static func source(_ fault: Fault, _ site: FaultSite) -> SourceDefinition {
        var definition =
            switch fault.asker {
            case .page: BuiltInSources.coinpaprika(override: site.server.url + "/v1/tickers", userAgent: "test")
            case .pages: BuiltInSources.coingecko(override: site.server.url + "/api/v3/coins/markets", userAgent: "test")
            case .feed:
                SourceDefinition(
                    name: "feed",
                    kind: .feed(
                        FeedSource(
                            upstream: Upstream(url: site.server.url + "/rss", userAgent: "test"),
                            fields: [.symbol: "title", .price: "price", .timestamp: "pubDate"]
                        )
                    )
                )
            }
        definition.changeUpstream { upstream in
            // Quotas have tests of their own.
            upstream.quota = Quota(perMinute: 100)
            fault.declare(&upstream, site)
        }
        return definition
    }

    private static func run(over server: TLSServer, trusting isKnown: Bool) async throws -> RunRecord {
        var definition = BuiltInSources.coinpaprika(override: "https://localhost:\(server.port)/v1/tickers", userAgent: "test")
        definition.changeUpstream { $0.certificateFile = isKnown ? TLSServer.file("authority.pem") : nil }
        return try await Workbench(sources: [definition]).run()
    }
}

extension SourceDefinition {
    /// Changes the server that it asks.
    mutating func changeUpstream(_ change: (inout Upstream) -> Void) {
        switch kind {
        case .http(var source):
            change(&source.upstream)
            kind = .http(source)
        case .feed(var source):
            change(&source.upstream)
            kind = .feed(source)
        case .csv: break
        }
    }
}

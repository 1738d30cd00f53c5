import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MarketData
import Testing

@testable import HTTPAPI
@testable import TickerStore

@Suite struct QuarantineAdminTests {
    private let store = FakeStore()
    private let server = TestServer()

    private func ask(_ uri: String, _ method: HTTPRequest.Method = .get) async throws -> TestResponse {
        try await server.control(store).test(.router) { client in try await client.execute(uri: uri, method: method) }
    }

    private func root(_ response: TestResponse) throws -> JSONValue { try JSONDocument(parsing: Array(response.body.readableBytesView)).root }

    @Test func theListGoesOnWhereItEnded() async throws {
        let first = try root(await ask("/admin/quarantine?source=csv&reason=bad_number&limit=2"))
        let records = try #require(first.member("records")).elements.compactMap { WaitingRecord($0) }
        #expect(records.map(\.position) == [1, 2] && records[1].content == [0xFF] && records[1].header == Array("a,b".utf8))
        let next = try #require(first.member("next")?.string)
        #expect(try root(await ask("/admin/quarantine?before=\(next)")).member("next")?.isNull == true)
        #expect(store.asked == ["quarantined csv bad_number - 2", "quarantined - - \(next) 20"])
    }

    @Test func aRecordIsFoundByTheBeginningOfItsID() async throws {
        let found = try root(await ask("/admin/quarantine/00000000000000ab"))
        #expect(found.member("record").flatMap { WaitingRecord($0) }?.position == 3)
        #expect(try await ask("/admin/quarantine/ff").problem().code == "quarantined_record_not_found")
        let several = try await ask("/admin/quarantine/0")
        #expect(several.status == .badRequest)
        #expect(try several.problem().detail.contains("00000000000000cd0000000000000001"))
        #expect(try await ask("/admin/quarantine/0x").status == .badRequest)
    }

    @Test func aPurgeSaysWhatItMeans() async throws {
        let dry = try root(await ask("/admin/quarantine/purge?reason=bad_number&dry_run=true", .post))
        #expect(dry.member("records")?.integer == 3 && dry.member("purged")?.boolValue == false)
        let done = try root(await ask("/admin/quarantine/purge?source=csv&recorded_before=2025-11-03T00:00:00Z", .post))
        #expect(done.member("purged")?.boolValue == true)
        #expect(try await ask("/admin/quarantine/purge?all=true", .post).status == .ok)
        #expect(store.asked == ["count - bad_number -", "purge csv - 2025-11-03T00:00:00Z", "purge - - -"])
    }

    @Test(arguments: ["", "?all=false", "?all=yes", "?source=csv&recorded_before=soon", "?source=csv&dry_run=1", "?sourc=csv"])
    func aPurgeThatDoesNotSayWhatItMeansIs400(_ query: String) async throws {
        #expect(try await ask("/admin/quarantine/purge" + query, .post).status == .badRequest)
        #expect(store.asked.isEmpty)
    }

    @Test func aServerThatStopsPurgesNothing() async throws {
        server.draining.raise()
        #expect(try await ask("/admin/quarantine/purge?all=true", .post).problem().code == "draining")
        #expect(store.asked.isEmpty)
    }

    @Test(arguments: ["/admin/quarantine", "/admin/quarantine/ab"]) func theNetworkHasNoneOfThis(_ path: String) async throws {
        #expect(try await TestServer().ask(path, headers: [.authorization: "Bearer secret-token"]).status == .notFound)
    }
}

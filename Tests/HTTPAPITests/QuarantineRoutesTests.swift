import HTTPTypes
import HummingbirdTesting
import MarketData
import Testing

@testable import HTTPAPI
@testable import TickerStore

@Suite struct QuarantineRoutesTests {
    private struct Record: Decodable {
        var id: String
        var position: Int
    }

    private var server = TestServer()

    private func quarantine(_ rows: StoredRows, _ positions: ClosedRange<Int>, reason: String = "bad_number", content: [UInt8]? = nil) {
        rows.insert([]) { batch in
            for position in positions {
                batch.quarantined.append(
                    QuarantinedRecord(
                        content: content ?? Array("x,\"\(position)\"".utf8),
                        reasons: [reason],
                        place: "/home/me/var/inbox/a.csv",
                        position: position,
                        digest: RecordDigest(high: 0xAB00_0000_0000_0000 + UInt64(position), low: 1),
                        header: Array("a,b".utf8)
                    )
                )
            }
        }
    }

    /// The directory of the file stays at home.
    @Test func theAnswersHaveTheDocumentedShapes() async throws {
        var server = server
        server.rows = StoredRows()
        quarantine(server.rows, 1...1)
        let record =
            #"{"id":"ab000000000000010000000000000001","source":"csv","recorded_at":"2024-12-15T00:00:01Z","run_id":"etl_20241215_000000_aaaaaa","batch":1,"#
            + #""place":"a.csv","position":1,"reasons":["bad_number"],"header":"a,b","content":"x,\"1\""}"#
        #expect(
            try await server.ask("/quarantine").members
                == #""run_id":"etl_20241215_143022_3","data":[\#(record)],"pagination":{"limit":50,"has_more":false,"next_cursor":null}"#
        )
        #expect(try await server.ask("/quarantine/AB").members == #""run_id":"etl_20241215_143022_3","record":\#(record)"#)
    }

    @Test func bytesThatAreNoTextAreSafe() async throws {
        var server = server
        server.rows = StoredRows()
        quarantine(server.rows, 1...1, content: [0x3C, 0xFF, 0x00, 0x22])
        #expect(try await server.ask("/quarantine/ab").text.contains(#""content_base64":"PP8AIg==""#))
    }

    @Test(arguments: [1, 3, 10, 1000])
    func aWalkShowsEachOnceNewestFirst(limit: Int) async throws {
        var server = server
        let rows = StoredRows()
        quarantine(rows, 1...8)
        try rows.store.seal()
        quarantine(rows, 9...12, reason: "ragged_row")
        server.rows = rows
        let pages = try await server.walk("/quarantine", limit: limit, of: Record.self) { quarantine(rows, 20...20) }
        #expect(pages.flatMap(\.self).map(\.position) == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
        let ragged = try await server.walk("/quarantine?reason=ragged_row&source=csv", limit: limit, of: Record.self)
        #expect(ragged.flatMap(\.self).map(\.position) == [12, 11, 10, 9])
        #expect(try await server.page("/quarantine?source=other", of: Record.self).data.isEmpty)
    }

    @Test func aFilterThatContradictsTheCursorIsNamed() async throws {
        var server = server
        server.rows = StoredRows()
        quarantine(server.rows, 1...3)
        let cursor = try #require(try await server.page("/quarantine?limit=1&reason=bad_number", of: Record.self).pagination.next_cursor)
        #expect(try await server.ask("/quarantine?cursor=\(cursor)&reason=x").problem().parameter == "reason")
        #expect(try await server.ask("/quarantine?cursor=\(cursor)&source=csv").problem().parameter == "source")
        #expect(try await server.page("/quarantine?cursor=\(cursor)&reason=bad_number", of: Record.self).data.map(\.position) == [2, 1])
    }

    @Test(arguments: [("ff", 404), ("a", 400), ("zz", 400), ("%C3%BC", 400)])
    func anIDThatNamesNoRecordIsRefused(id: String, status: Int) async throws {
        var server = server
        server.rows = StoredRows()
        quarantine(server.rows, 1...2)
        #expect(try await server.ask("/quarantine/\(id)").problem().status == status)
    }
}

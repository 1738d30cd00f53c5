import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import HTTPAPI
@testable import TickerStore

@Suite struct PageCacheTests {
    @Test func thePageAskedForAgainIsTheSameAndItsEnvelopeNew() async throws {
        let server = TestServer()
        try await server.live { ask in
            let first = try await ask("/data?limit=2", [:])
            let second = try await ask("/data?limit=2", [:])
            #expect(try first.decode(DataDocument.self).prices == second.decode(DataDocument.self).prices)
            #expect(try first.decode(DataDocument.self).request_id != second.decode(DataDocument.self).request_id)
            #expect(first.headers[.eTag] == second.headers[.eTag] && first.headers[.link] == second.headers[.link])
        }
    }

    @Test func aCommittedRowIsInTheVeryNextAnswer() async throws {
        let server = TestServer()
        try await server.live { ask in
            for number in 0..<20 {
                let before = try await ask("/data?limit=1", [:])
                server.rows.insert([.init(milliseconds: StoredRows.start + 3_600_000 + Int64(number), price: "\(1000 + number)")])
                let after = try await ask("/data?limit=1", [:])
                #expect(try after.decode(DataDocument.self).prices == [1000 + number])
                #expect(before.headers[.eTag] != after.headers[.eTag])
            }
        }
    }

    @Test func aPageIsNotKeptForAnOlderSnapshotOrAnotherRequest() throws {
        let rows = StoredRows(count: 3)
        let old = rows.snapshot()
        rows.insert([.init(milliseconds: 1)])
        let new = rows.snapshot()
        let request = try DataRequest(QueryParameters("limit=1", known: DataRequest.parameters))
        let page = try PrintedPage(DataPage(new.page(request.storeQuery), request), request)
        let cache = PageCache()
        cache.keep(page, for: "/data?limit=1", of: new)
        cache.keep(page, for: "/data?limit=2", of: old)
        #expect(cache.page("/data?limit=1", of: new)?.tag.text == page.tag.text)
        #expect(cache.page("/data?limit=2", of: new) == nil && cache.page("/data?limit=1", of: old) == nil)
    }

    @Test func whatDoesNotFitIsForgotten() throws {
        let rows = StoredRows(count: 1)
        let snapshot = rows.snapshot()
        let request = try DataRequest(QueryParameters("limit=1", known: DataRequest.parameters))
        let page = try PrintedPage(DataPage(snapshot.page(request.storeQuery), request), request)
        let cache = PageCache()
        let kept = PageCache.mostBytes / PageCache.cost(of: page, for: "/data?a=1000000")
        for number in 0...kept { cache.keep(page, for: "/data?a=\(1_000_000 + number)", of: snapshot) }
        #expect(cache.page("/data?a=1000000", of: snapshot) == nil, "the cache grows without end")
        #expect(cache.page("/data?a=\(1_000_000 + kept)", of: snapshot) != nil)
        #expect(cache.bytes == PageCache.cost(of: page, for: "/data?a=1000000"), "what was forgotten is counted all the same")
    }
}

import HTTPTypes
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import HTTPAPI

@Suite struct CompressionTests {
    private let takesGzip: HTTPFields = [.acceptEncoding: "gzip"]

    @Test func aLongAnswerIsPackedForWhoTakesIt() async throws {
        var server = TestServer()
        server.rows = StoredRows(count: 300)
        for uri in ["/data?limit=20&format=ndjson", "/data?limit=300&format=ndjson"] {
            let plain = try await server.ask(uri)
            let packed = try await server.ask(uri, headers: takesGzip)
            #expect(packed.headers[.contentEncoding] == "gzip" && plain.headers[.contentEncoding] == nil)
            #expect(packed.headers[.vary] == "Accept-Encoding" && plain.headers[.vary] == "Accept-Encoding")
            #expect(packed.headers[.contentLength] == "\(packed.body.readableBytes)")
            #expect(packed.body.readableBytes * 3 < plain.body.readableBytes)
            let unpacked = try gunzip(Array(packed.body.readableBytesView))
            #expect(String(decoding: unpacked, as: UTF8.self) == plain.text)
            #expect(packed.headers[.eTag] == plain.headers[.eTag])
        }
    }

    @Test func headSaysWhatGetWouldSend() async throws {
        var server = TestServer()
        server.rows = StoredRows(count: 100)
        let get = try await server.ask("/data?limit=100&format=ndjson", headers: takesGzip)
        let head = try await server.ask("/data?limit=100&format=ndjson", .head, headers: takesGzip)
        #expect(head.headers[.contentEncoding] == "gzip" && head.headers[.contentLength] == get.headers[.contentLength])
        #expect(head.body.readableBytes == 0)
    }

    @Test func aShortAnswerIsNot() async throws {
        let response = try await TestServer().ask("/livez", headers: takesGzip)
        #expect(response.headers[.contentEncoding] == nil)
    }

    @Test func aTagHoldsForBothForms() async throws {
        let server = TestServer()
        let tag = try #require(try await server.ask("/stats", headers: takesGzip).headers[.eTag])
        let same = try await server.ask("/stats", headers: [.ifNoneMatch: tag, .acceptEncoding: "gzip"])
        #expect(same.status == .notModified && same.headers[.contentEncoding] == nil)
        #expect(same.headers[.vary] == "Accept-Encoding", "a cache would give the packed form to all")
    }

    @Test(arguments: ["gzip", "GZIP", "br, gzip;q=0.5", "*", "gzip;q=1.0, identity;q=0", "deflate,\tgzip ; q=0.001"])
    func gzipIsTaken(_ field: String) { #expect(([.acceptEncoding: field] as HTTPFields).acceptsGzip) }

    @Test(arguments: ["", "br", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *", "identity", "gzippy", ";", ",,"])
    func gzipIsNotTaken(_ field: String) { #expect(!([.acceptEncoding: field] as HTTPFields).acceptsGzip) }
}

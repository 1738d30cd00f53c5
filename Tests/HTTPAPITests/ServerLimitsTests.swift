import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import HTTPAPI

/// Over a socket, because these answers are given before a route is found.
@Suite struct ServerLimitsTests {
    @Test func ordinaryRequestsPass() async throws {
        let response = try await TestServer().askLive("/livez")
        #expect(response.status == .ok)
        #expect(response.header("Server") == "kasparro")
    }

    @Test func aRequestLineAboveEightKilobytesIs414() async throws {
        let response = try await TestServer().askLive("/data?symbol=" + String(repeating: "A", count: 9000))
        #expect(response.status == .uriTooLong)
        #expect(try response.problem().code == "request_line_too_long")
    }

    @Test func headersAboveSixteenKilobytesAre431() async throws {
        let response = try await TestServer().askLive(
            "/livez",
            headers: [HTTPField.Name("X-Long")!: String(repeating: "a", count: 17_000)]
        )
        #expect(response.status == .requestHeaderFieldsTooLarge)
        #expect(try response.problem().code == "headers_too_large")
    }

    @Test func moreThanAHundredHeadersAre431() async throws {
        var headers = HTTPFields()
        for number in 0..<120 { headers[HTTPField.Name("X-Field-\(number)")!] = "a" }
        #expect(try await TestServer().askLive("/livez", headers: headers).status == .requestHeaderFieldsTooLarge)
    }

    @Test func anAnnouncedBodyAboveOneMegabyteIs413() async throws {
        let body = ByteBuffer(repeating: 0x61, count: 1024 * 1024 + 1)
        let response = try await TestServer().askLive("/refresh", .post, body: body)
        #expect(response.status == .contentTooLarge)
        #expect(try response.problem().code == "body_too_large")
    }

    @Test func headOverASocketHasALengthAndNoBody() async throws {
        let response = try await TestServer().askLive("/data", .head)
        #expect(response.status == .ok)
        #expect(response.headers[.contentLength].flatMap { Int($0) } ?? 0 > 100)
        #expect(response.body.readableBytes == 0)
    }
}

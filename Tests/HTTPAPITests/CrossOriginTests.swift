import HTTPTypes
import HummingbirdTesting
import Testing

@testable import HTTPAPI

@Suite struct CrossOriginTests {
    private func server(_ origins: String) throws -> TestServer {
        var server = TestServer()
        server.crossOrigin = try #require(CrossOrigin(origins))
        return server
    }

    @Test func withoutTheOptionNobodyIsLetIn() async throws {
        let response = try await TestServer().ask("/data", headers: [.origin: "https://example.org"])
        #expect(response.headers[.accessControlAllowOrigin] == nil)
        #expect(response.headers[.vary]?.contains("Origin") != true)
    }

    @Test func aNamedOriginMayReadAndOthersMayNot() async throws {
        let server = try server("https://example.org, http://localhost:3000")
        for origin in ["https://example.org", "http://localhost:3000"] {
            let response = try await server.ask("/data", headers: [.origin: origin])
            #expect(response.headers[.accessControlAllowOrigin] == origin)
            #expect(response.headers[.vary]?.contains("Origin") == true)
            #expect(response.headers[.accessControlExposeHeaders]?.contains("X-Next-Cursor") == true)
        }
        for origin in ["https://example.org.evil.com", "http://example.org", "null", "*"] {
            let response = try await server.ask("/data", headers: [.origin: origin])
            #expect(response.headers[.accessControlAllowOrigin] == nil, "\(origin)")
            #expect(response.headers[.vary]?.contains("Origin") == true)
        }
    }

    @Test func errorsAndNotModifiedAnswersCanBeReadToo() async throws {
        let server = try server("*")
        let error = try await server.ask("/data?x=1", headers: [.origin: "https://a.example"])
        #expect(error.status == .badRequest && error.headers[.accessControlAllowOrigin] == "*")
        let tag = try #require(try await server.ask("/stats").headers[.eTag])
        let same = try await server.ask("/stats", headers: [.origin: "https://a.example", .ifNoneMatch: tag])
        #expect(same.status == .notModified && same.headers[.accessControlAllowOrigin] == "*")
    }

    @Test func aPreflightIsToldMethodsAndHeaders() async throws {
        let server = try server("https://example.org")
        let asked: HTTPFields = [.origin: "https://example.org", .accessControlRequestMethod: "POST", .accessControlRequestHeaders: "authorization"]
        let response = try await server.ask("/refresh", .options, headers: asked)
        #expect(response.status == .noContent)
        #expect(response.headers[.accessControlAllowOrigin] == "https://example.org")
        #expect(response.headers[.accessControlAllowMethods] == "POST, OPTIONS")
        #expect(response.headers[.accessControlAllowHeaders]?.contains("Authorization") == true)
        let stranger = try await server.ask("/refresh", .options, headers: [.origin: "https://b.example", .accessControlRequestMethod: "POST"])
        #expect(stranger.headers[.accessControlAllowMethods] == nil && stranger.headers[.accessControlAllowOrigin] == nil)
    }

    @Test(arguments: [
        "", " ", ",", "example.org", "https://", "https://example.org/", "https://example.org/path", "https://A.example", "*,https://a", "ftp://a",
        "null",
    ])
    func whatIsNoOriginIsRefused(_ text: String) {
        #expect(CrossOrigin(text) == nil)
    }
}

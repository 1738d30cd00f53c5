import HTTPTypes
import HummingbirdTesting
import NIOCore
import Synchronization
import Telemetry
import Testing

@testable import HTTPAPI

/// Credentials and a clock that a test sets.
private final class Setup: CredentialReading {
    let credentials: Mutex<Credentials>
    let reads = Mutex(0)
    let time = Mutex(ContinuousClock.now)
    let registry = PrometheusRegistry()

    init(_ credentials: Credentials) { self.credentials = Mutex(credentials) }

    func current() -> Credentials {
        reads.withLock { $0 += 1 }
        return credentials.withLock { $0 }
    }

    func pass(_ duration: Duration) { time.withLock { $0 += duration } }

    func authenticator(trusting proxies: String? = nil) -> Authenticator {
        Authenticator(
            source: self,
            trustedProxies: proxies.flatMap { AddressList($0) } ?? AddressList(),
            registry: registry,
            now: { self.time.withLock { $0 } },
            seconds: { 1_734_220_800 }
        )
    }
}

extension Authenticator {
    /// The status of the answer; nil: let in.
    fileprivate func status(_ token: String, from address: String = "198.51.100.1", forwardedFor: String? = nil) async -> Int? {
        var headers: HTTPFields = [.authorization: "Bearer \(token)"]
        if let forwardedFor { headers[HTTPField.Name("X-Forwarded-For")!] = forwardedFor }
        do throws(Problem) {
            try await check(headers, from: try! SocketAddress(ipAddress: address, port: 1))
            return nil
        } catch {
            return error.status.code
        }
    }
}

@Suite struct AuthenticatorTests {
    private let strong = String(repeating: "0123456789abcdef", count: 4)

    @Test func tenWrongTokensAreAnsweredAndThenOneEverySixSeconds() async {
        let setup = Setup(Credentials(token: "short"))
        let authenticator = setup.authenticator()
        for number in 0..<10 { #expect(await authenticator.status("x") == 401, "\(number)") }
        #expect(await authenticator.status("x") == 429)
        // A short token could be found by trying, so it is not looked at either, for a few seconds.
        #expect(await authenticator.status("short") == 429)
        #expect(await authenticator.status("short", from: "198.51.100.2") == nil)
        setup.pass(.seconds(6))
        #expect(await authenticator.status("short") == nil)
        #expect(await authenticator.status("x") == 401)
        #expect(await authenticator.status("x") == 429)
        setup.pass(.seconds(60))
        for number in 0..<10 { #expect(await authenticator.status("x") == 401, "\(number)") }
    }

    @Test func theHolderOfAWebTokenIsLetInWhileAShortTokenIsBeingGuessed() async throws {
        let key = Array(strong.utf8)
        let authenticator = Setup(Credentials(token: "short", key: key)).authenticator()
        let token = try #require(WebTokens(key: key)).mint(now: 1_734_220_800, seconds: 60, subject: nil)
        for _ in 0..<20 { _ = await authenticator.status("x") }
        #expect(await authenticator.status("short") == 429)
        #expect(await authenticator.status(token) == nil)
        #expect(await authenticator.status("x.y.z") == 429)
    }

    @Test func nobodyIsLockedOutOfALongTokenByANeighbour() async {
        let setup = Setup(Credentials(token: strong))
        let authenticator = setup.authenticator()
        for _ in 0..<50 { _ = await authenticator.status("x") }
        #expect(await authenticator.status("x") == 429)
        #expect(await authenticator.status(strong) == nil)
    }

    @Test func theRightTokenIsNeverSlowedHoweverOftenItComes() async {
        let authenticator = Setup(Credentials(token: "short")).authenticator()
        for _ in 0..<100 { #expect(await authenticator.status("short") == nil) }
    }

    @Test func anIPv6NeighbourhoodIsOneAddress() async {
        let authenticator = Setup(Credentials(token: "short")).authenticator()
        for number in 1...10 { #expect(await authenticator.status("x", from: "2001:db8::\(number)") == 401) }
        #expect(await authenticator.status("x", from: "2001:db8::99") == 429)
        #expect(await authenticator.status("x", from: "2001:db8:0:1::99") == 401)
    }

    @Test func onlyATrustedProxyIsBelieved() async {
        let authenticator = Setup(Credentials(token: "short")).authenticator(trusting: "192.0.2.1")
        for number in 1...12 {
            #expect(await authenticator.status("x", from: "192.0.2.1", forwardedFor: "10.9.9.9, 198.51.100.\(number)") == 401)
        }
        for number in 1...10 { _ = await authenticator.status("x", from: "203.0.113.1", forwardedFor: "198.51.100.\(number + 100)") }
        #expect(await authenticator.status("x", from: "203.0.113.1", forwardedFor: "198.51.100.200") == 429)
        // Before its own element a client may have written anything.
        for number in 1...10 { _ = await authenticator.status("x", from: "192.0.2.1", forwardedFor: "10.0.0.\(number), 203.0.113.9") }
        #expect(await authenticator.status("x", from: "192.0.2.1", forwardedFor: "10.0.0.77,203.0.113.9") == 429)
    }

    @Test func aNewTokenIsGoodAtOnceAndTheOldOneForASecondMore() async {
        let setup = Setup(Credentials(token: strong))
        let authenticator = setup.authenticator()
        #expect(await authenticator.status(strong) == nil)
        let other = String(strong.reversed())
        setup.credentials.withLock { $0.token = other }
        setup.pass(.milliseconds(10))
        #expect(await authenticator.status(other) == nil)
        setup.pass(.seconds(1))
        #expect(await authenticator.status(strong) == 401)
    }

    @Test func credentialsAreNotReadForEachRequest() async {
        let setup = Setup(Credentials(token: strong))
        let authenticator = setup.authenticator()
        for _ in 0..<100 { _ = await authenticator.status(strong) }
        #expect(setup.reads.withLock { $0 } == 1)
    }

    @Test func aWebTokenLetsItsHolderInAndOneThatHasEndedIsNoGuess() async throws {
        let key = Array(strong.utf8)
        let setup = Setup(Credentials(token: nil, key: key))
        let authenticator = setup.authenticator()
        let tokens = try #require(WebTokens(key: key))
        let good = tokens.mint(now: 1_734_220_800, seconds: 60, subject: nil)
        let old = tokens.mint(now: 1_734_210_000, seconds: 60, subject: nil)
        #expect(await authenticator.status(good) == nil)
        for _ in 0..<20 { #expect(await authenticator.status(old) == 401) }
        #expect(await authenticator.status(good) == nil)
    }

    @Test func failuresAreCountedByReason() async {
        let setup = Setup(Credentials(token: "short"))
        let authenticator = setup.authenticator()
        for _ in 0..<11 { _ = await authenticator.status("x") }
        do throws(Problem) { try await authenticator.check([:], from: nil) } catch {}
        let text = String(decoding: setup.registry.render(), as: UTF8.self)
        for line in [#"{reason="wrong"} 10"#, #"{reason="throttled"} 1"#, #"{reason="missing"} 1"#, #"{reason="expired"} 0"#] {
            #expect(text.contains("kasparro_auth_failures_total" + line), "\(text)")
        }
    }

    @Test func theTableOfAddressesStaysSmall() {
        let limiter = AttemptLimiter()
        let start = ContinuousClock.now
        for number in 0..<10_000 {
            limiter.failed(ClientAddress("10.\(number >> 16).\(number >> 8 & 255).\(number & 255)")!, at: start + .milliseconds(number))
        }
        #expect(limiter.count <= AttemptLimiter.addresses)
    }

    @Test func theWholeServerCanAskForTheToken() async throws {
        var server = TestServer()
        server.scope = .all
        for path in ["/data", "/health", "/readyz", "/metrics", "/", "/nothing"] {
            #expect(try await server.ask(path).status == .unauthorized, "\(path)")
            #expect(try await server.ask(path, headers: [.authorization: "Bearer secret-token"]).status != .unauthorized, "\(path)")
        }
        #expect(try await server.ask("/livez").status == .ok)
        #expect(try await server.ask("/data", .head).status == .unauthorized)
    }

    @Test func theTokenIsAskedForBeforeAnythingIsSaidOfTheRequest() async throws {
        let server = TestServer()
        #expect(try await server.ask("/refresh?nonsense=1&wait=x", .post).status == .unauthorized)
        #expect(try await server.ask("/refresh?nonsense=1", .post, headers: [.authorization: "Bearer secret-token"]).status == .badRequest)
    }
}

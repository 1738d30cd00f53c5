import TestSupport
import Testing

@testable import Transfer

@Suite struct RedirectTests {
    private func redirect(to location: String, status: String = "302 Found") -> [ScriptedServer.Step] {
        [.send(Array(answer(status, headers: ["Location: \(location)", "X-Hop: 1"], body: "moved").utf8))]
    }

    @Test func aRedirectThatMayNotBeFollowedSendsNothing() throws {
        let server = ScriptedServer([.send(Array("HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n".utf8))])
        defer { server.stop() }
        var request = request(server.url)
        request.mayFollowRedirect = { false }
        let error = try #require(failure(of: request))
        #expect(error.kind == .cancelled && server.requests.count == 1, "\(error), \(server.requests.count) requests")
    }

    @Test func redirectsWithinTheOriginKeepTheHeaders() throws {
        let server = ScriptedServer(
            redirect(to: "/two?x=1", status: "301 Moved"),
            redirect(to: "three", status: "307 Temporary Redirect"),
            redirect(to: "?four", status: "308 Permanent Redirect"),
            [.send(Array(answer(body: "here").utf8))]
        )
        defer { server.stop() }
        var request = request(server.url + "/one")
        request.headers = [("Authorization", "Bearer abc")]
        let response = try fetch(request)
        #expect(response.status == 200)
        #expect(response.header("X-Hop") == nil)
        #expect(response.finalURL == server.url + "/three?four")
        #expect(server.requests.count == 4)
        #expect(server.requests.allSatisfy { $0.contains("Authorization: Bearer abc") })
    }

    @Test func oneRedirectTooManyIsAnError() throws {
        let server = ScriptedServer(redirect(to: "/again"))
        defer { server.stop() }
        let error = try #require(failure(of: request(server.url)))
        #expect(error.kind == .tooManyRedirects)
        #expect(server.requests.count == 4)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "javascript:alert(1)", "http://127.0.0.1:99999/", "http:///"])
    func redirectToAnythingButHTTPIsRefused(location: String) throws {
        let server = ScriptedServer(redirect(to: location))
        defer { server.stop() }
        #expect(try #require(failure(of: request(server.url))).kind == .refusedRedirect)
        #expect(server.requests.count == 1)
    }

    @Test func redirectWithoutALocationIsRefused() throws {
        let server = ScriptedServer(answer: answer("302 Found"))
        defer { server.stop() }
        #expect(try #require(failure(of: request(server.url))).kind == .refusedRedirect)
    }

    @Test func notModifiedIsAnAnswerAndNoRedirect() throws {
        let server = ScriptedServer(answer: "HTTP/1.1 304 Not Modified\r\nLocation: /elsewhere\r\nConnection: close\r\n\r\n")
        defer { server.stop() }
        #expect(try fetch(request(server.url)).status == 304)
    }

    @Test func headersDoNotFollowToAnotherOriginNorBack() throws {
        // Two origins that differ by port; the second one sends the fetch back to the first.
        let home = ScriptedServer()
        let away = ScriptedServer(redirect(to: home.url + "/back"))
        defer {
            home.stop()
            away.stop()
        }
        home.play(redirect(to: away.url + "/there"), [.send(Array(answer(body: "home again").utf8))])
        var request = request(home.url + "/start")
        request.allowPrivateAddresses = true
        request.headers = [("Authorization", "Bearer abc"), ("X-Api-Key", "k")]
        let response = try fetch(request)
        #expect(String(decoding: response.body, as: UTF8.self) == "home again")
        #expect(home.requests[0].contains("Bearer abc"))
        for head in [away.requests[0], home.requests[1]] {
            #expect(!head.contains("Authorization") && !head.contains("X-Api-Key"))
            #expect(head.contains("User-Agent: kasparro-tests/1"))
        }
    }

    @Test func redirectToAnotherPrivatePortIsRefusedAlthoughTheOperatorWroteTheFirst() throws {
        let target = ScriptedServer(answer: answer(body: "secret"))
        defer { target.stop() }
        let server = ScriptedServer(redirect(to: target.url + "/admin"))
        defer { server.stop() }
        let error = try #require(failure(of: request(server.url)))
        #expect(error.kind == .refusedAddress)
        #expect(error.message.contains("127.0.0.1:\(target.port)"))
        #expect(target.requests.isEmpty)
    }

    @Test(arguments: ["169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "localhost", "0.0.0.0", "2130706433", "0x7f.1"])
    func redirectToALocalAddressInAnySpellingIsRefused(host: String) throws {
        let server = ScriptedServer(redirect(to: "http://\(host):9/"))
        defer { server.stop() }
        #expect(try #require(failure(of: request(server.url))).kind == .refusedAddress)
    }
}

@Suite struct AddressRuleTests {
    @Test func privateAddressNeedsTheOperatorOrPermission() throws {
        let server = ScriptedServer(answer: answer(body: "x"))
        defer { server.stop() }
        var request = request(server.url)
        #expect(try fetch(request).status == 200)
        // The operator wrote a template, or another path: host and port count.
        request.operatorURL = server.url + "/{page}?since={since}"
        #expect(try fetch(request).status == 200)
        request.operatorURL = "http://127.0.0.1:1/"
        #expect(try #require(failure(of: request)).kind == .refusedAddress)
        request.operatorURL = nil
        #expect(try #require(failure(of: request)).kind == .refusedAddress)
        request.allowPrivateAddresses = true
        #expect(try fetch(request).status == 200)
    }

    @Test func localhostIsTheOnlyNameThatCountsAsLiteral() throws {
        let server = ScriptedServer(answer: answer(body: "x"))
        defer { server.stop() }
        #expect(try fetch(request("http://localhost:\(server.port)/")).status == 200)
        #expect(try #require(failure(of: request("http://api.localhost:\(server.port)/"))).kind == .refusedAddress)
    }

    @Test(arguments: [
        "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "fc00::1",
        "fd12::1", "fe80::1", "ff02::1", "2001:db8::1", "2002:7f00:1::", "2001::1",
    ])
    func addressIsNotPublic(literal: String) throws {
        #expect(try !#require(IPAddress(literal: literal)).isPublic)
    }

    @Test(arguments: [
        "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.167.0.1", "223.255.255.255", "2606:4700::1111",
        "::ffff:1.1.1.1", "64:ff9b::101:101", "2a00:1450::1",
    ])
    func addressIsPublic(literal: String) throws {
        #expect(try #require(IPAddress(literal: literal)).isPublic)
    }
}

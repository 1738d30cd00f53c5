import Logging
import MarketData
import Synchronization
import TestSupport
import Testing
import TickerStore
import Transfer

@testable import Ingest

/// Requests over a real connection; time passes only while somebody waits.
@Suite struct UpstreamClientTests {
    @Test func aBusyServerIsAskedUpToThreeTimes() throws {
        let bench = try ClientBench([.answer(503), .answer(503), .answer(200, body: "[1]")], quota: Quota(perMinute: 20))
        #expect(bench.get()?.body == Array("[1]".utf8))
        #expect(bench.server.requests.count == 3 && bench.run.record.errors.isEmpty)
        // Full jitter: up to 1 s, then up to 2 s; `random` gave the most there is.
        #expect(bench.clock.bounds == [1_001, 2_001] && bench.clock.slept == 3_000, "\(bench.clock.bounds), \(bench.clock.slept) ms")
        #expect(bench.limiter.quota.perMinute == 20 && bench.limiter.limits.effectivePerMinute == 5, "two halvings")
        #expect(bench.run.record.throttleEvents == 0, "a pause before a retry is no wait for quota")
    }

    @Test func anotherQuotaEndsAWaitThatGoesOn() throws {
        let bench = try ClientBench([.answer(200), .answer(200)], quota: Quota(perMinute: 1))
        #expect(bench.get() != nil && bench.clock.slept == 0)
        bench.clock.onSleep { [limiter = bench.limiter] in limiter.change(to: Quota(perMinute: 5)) }
        #expect(bench.get() != nil && bench.server.requests.count == 2)
        #expect(bench.clock.slept == 50, "\(bench.clock.slept) ms, where a minute was to be waited before the change")
    }

    @Test func theJitterMayBeNothing() throws {
        let bench = try ClientBench([.answer(500), .answer(200)], jitter: .least)
        #expect(bench.get() != nil && bench.clock.slept == 0)
    }

    @Test func afterThreeTriesTheErrorNamesThem() throws {
        let bench = try ClientBench([.answer(503), .answer(500), .answer(503, body: "down for maintenance")])
        #expect(bench.get() == nil && bench.server.requests.count == 3)
        let error = try #require(bench.error)
        #expect(error.type == .httpStatus)
        #expect(error.message.contains("was tried three times (503, 500, 503); last: down for maintenance"), "\(error.message)")
    }

    @Test func sameAnswersAreCounted() throws {
        let bench = try ClientBench([.answer(503, body: "later")])
        #expect(bench.get() == nil)
        #expect(bench.error?.message == "\(bench.server.url)/v1/x answered 503 three times; last: later")
    }

    @Test(arguments: [400, 401, 403, 404, 410, 501]) func whatWillNotGoBetterFailsAtOnce(status: Int) throws {
        let bench = try ClientBench([.answer(status), .answer(200)])
        #expect(bench.get() == nil && bench.server.requests.count == 1 && bench.clock.slept == 0)
        #expect(bench.error?.message.contains("answered \(status): ") == true && bench.run.record.errors.count == 1)
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504]) func whatMayGoBetterIsTriedAgain(status: Int) throws {
        let bench = try ClientBench([.answer(status), .answer(200)])
        #expect(bench.get() != nil && bench.server.requests.count == 2)
    }

    @Test func aRetryAfterLongerThanTheBackoffWins() throws {
        let bench = try ClientBench([.answer(429, "Retry-After: Thu, 01 Jan 2026 00:01:10 GMT"), .answer(200)])
        #expect(bench.get() != nil && bench.clock.slept == 70_000)
    }

    @Test func aRetryAfterShorterThanTheBackoffLoses() throws {
        let bench = try ClientBench([.answer(503, "Retry-After: 0"), .answer(200)])
        #expect(bench.get() != nil && bench.clock.slept == 1_000)
    }

    @Test func aLongRetryAfterEndsTheSourceAndIsKept() throws {
        let bench = try ClientBench([.answer(429, "Retry-After: 3600", body: "slow down")])
        #expect(bench.get() == nil && bench.clock.slept == 0 && bench.server.requests.count == 1)
        #expect(bench.error?.type == .rateLimited)
        #expect(bench.error?.message.contains("answered 429: slow down; no request may be sent before 2026-01-01T01:00:00Z") == true)
        try bench.restart()
        #expect(bench.get() == nil && bench.server.requests.count == 1, "a restart forgot when to come back")
        #expect(bench.limiter.limits.notBefore?.description == "2026-01-01T01:00:00Z")
        bench.clock.advance(3_600_000)
        _ = bench.get()
        #expect(bench.server.requests.count == 2)
    }

    @Test func aBodyThatBreaksOffIsFetchedAgain() throws {
        let bench = try ClientBench([[.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1".utf8))], .answer(200, body: "[1]")])
        #expect(bench.get()?.body == Array("[1]".utf8) && bench.server.requests.count == 2)
    }

    @Test func whatIsNoHTTPIsNotFetchedAgain() throws {
        let bench = try ClientBench([[.send(Array("SSH-2.0-OpenSSH_9.6\r\n\r\n".utf8))]])
        #expect(bench.get() == nil && bench.server.requests.count == 1 && bench.error?.type == .network)
    }

    @Test func aRefusedConnectionIsTriedThreeTimes() throws {
        let bench = try ClientBench([.answer(200)])
        bench.refuseConnections()
        #expect(bench.get() == nil && bench.clock.slept == 3_000)
        #expect(bench.error?.message.contains("was tried three times; last: ") == true, "\(bench.run.record.errors)")
        #expect(bench.limiter.available == 7, "failed calls spend")
    }

    @Test func connectionErrorsMayCostTwentySecondsInARun() throws {
        let bench = try ClientBench([.answer(200)])
        bench.refuseConnections()
        // Each try takes about nine seconds.
        bench.clock.step = 3_000
        #expect(bench.get() == nil)
        #expect(bench.limiter.limits.monthUsed == 2 && bench.error?.message.contains("was tried twice") == true, "\(bench.run.record.errors)")
        #expect(bench.get() == nil && bench.limiter.limits.monthUsed == 3, "another request of the run was tried more than once")
    }

    @Test func theQuotaIsWaitedFor() throws {
        let bench = try ClientBench([.answer(200)], quota: Quota(perMinute: 1))
        #expect(bench.get() != nil && bench.get() != nil)
        #expect(bench.clock.slept == 60_050 && bench.run.record.throttleEvents == 1 && bench.limiter.limits.throttleEvents == 1)
    }

    @Test func aWaitCanBeSeen() throws {
        let bench = try ClientBench([.answer(200)], quota: Quota(perMinute: 1))
        _ = bench.get()
        let seen = Mutex<SourceLimits?>(nil)
        bench.clock.onSleep { [limiter = bench.limiter] in
            let limits = limiter.limits
            seen.withLock { $0 = $0 ?? limits }
        }
        _ = bench.get()
        let limits = try #require(seen.withLock { $0 })
        #expect(limits.waitingFor == "quota" && limits.waitingUntil?.description == "2026-01-01T00:01:00.050Z")
        #expect(bench.limiter.limits.waitingUntil == nil)
    }

    @Test func aShutdownEndsAWaitAtOnceAndNothingIsForgotten() throws {
        let bench = try ClientBench([.answer(503, "Retry-After: 100")])
        bench.clock.onSleep { [cancellation = bench.run.cancellation] in cancellation.cancel() }
        #expect(bench.get() == nil && bench.clock.slept <= 50 && bench.run.record.errors.isEmpty)
        try bench.restart()
        #expect(bench.limiter.limits.notBefore?.description == "2026-01-01T00:01:40Z" && bench.limiter.limits.effectivePerMinute == 5)
    }

    @Test func aRedirectSpendsAToken() throws {
        let bench = try ClientBench([.answer(302, "Location: /v2/x"), .answer(200)])
        #expect(bench.get() != nil && bench.limiter.available == 8)
    }

    @Test func aRedirectThatNothingIsLeftForIsNotFollowed() throws {
        let bench = try ClientBench([.answer(302, "Location: /v2/x"), .answer(200)], quota: Quota(perMinute: 10, perMonth: 1))
        #expect(bench.get() == nil && bench.server.requests.count == 1 && bench.run.record.errors.map(\.type) == [.budget])
    }

    @Test func aUsedUpBudgetEndsTheSource() throws {
        let bench = try ClientBench([.answer(200)], quota: Quota(perMinute: 10, perMonth: 1))
        #expect(bench.get() != nil && bench.get() == nil)
        #expect(bench.error?.type == .budget && bench.error?.message.contains("2026-02-01T00:00:00Z") == true)
    }

    @Test func afterAnAnswer402OnlyARefreshOfTheSourceAloneAsksAgain() throws {
        let bench = try ClientBench([.answer(402), .answer(200)])
        #expect(bench.get() == nil && bench.error?.type == .budget && bench.server.requests.count == 1)
        #expect(bench.error?.message.contains("by a refresh of this source alone") == true, "\(String(describing: bench.error))")
        try bench.restart()
        bench.startRun(trigger: "schedule", source: "x")
        #expect(bench.get() == nil && bench.error?.type == .budget)
        bench.startRun(trigger: "manual", source: "all")
        #expect(bench.get() == nil && bench.server.requests.count == 1)
        bench.startRun(trigger: "manual", source: "x")
        #expect(bench.get() != nil && bench.get() != nil && bench.server.requests.count == 3)
    }

    @Test func anOpenCircuitLetsOneRequestThroughInARun() throws {
        let bench = try ClientBench([.answer(404), .answer(404), .answer(404), .answer(500), .answer(500), .answer(200)])
        for _ in 0..<3 {
            bench.startRun(trigger: "manual", source: "all")
            #expect(bench.get() == nil)
            bench.limiter.attemptEnded(of: bench.run, succeeded: false)
        }
        bench.startRun(trigger: "manual", source: "all")
        #expect(bench.get() == nil && bench.get() == nil && bench.server.requests.count == 4)
        #expect(bench.run.record.errors.count == 1, "\(bench.run.record.errors)")
        bench.startRun(trigger: "manual", source: "all")
        #expect(bench.get() == nil && bench.server.requests.count == 5)
        bench.startRun(trigger: "manual", source: "all")
        #expect(bench.get() != nil && bench.limiter.limits.circuit == "closed")
    }

    @Test func withValidatorsNotModifiedIsAnAnswer() throws {
        let bench = try ClientBench([.answer(304)])
        #expect(bench.get()?.status == nil)
        #expect(bench.get(validators: [NamedText("If-None-Match", "\"a\"")])?.status == 304)
        #expect(bench.server.requests.last?.contains("If-None-Match: \"a\"") == true)
    }

    @Test func nothingIsSentWhenTheSpendCannotBeWrittenDown() throws {
        let bench = try ClientBench([.answer(200)])
        try bench.closeStore()
        #expect(bench.get() == nil && bench.server.requests.isEmpty && bench.error?.type == .store)
        #expect(bench.limiter.available == 10)
    }
}

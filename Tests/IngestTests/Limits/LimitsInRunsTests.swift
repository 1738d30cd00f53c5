import MarketData
import TestSupport
import Testing

@testable import Ingest

@Suite struct LimitsInRunsTests {
    private static func source(_ server: ScriptedServer) -> SourceDefinition {
        let upstream = Upstream(url: server.url + "/v1/tickers", userAgent: "test", quota: Quota(perMinute: 10, perMonth: 100))
        return SourceDefinition(name: "x", kind: .http(HTTPSource(upstream: upstream, fields: [:])))
    }

    @Test func aThrottledSourceIsKnownAsSuchAfterARestart() async throws {
        let server = ScriptedServer(answers: [.answer(429, "Retry-After: 3600", body: "slow down")])
        defer { server.stop() }
        let bench = try Workbench(sources: [Self.source(server)])
        let run = try await bench.run()
        #expect(run.status == .failed && run.errors.map(\.type) == [.rateLimited], "\(run.errors)")
        try bench.restart()
        let status = try #require(bench.runs.sources().first)
        let limits = try #require(status.limits)
        #expect(status.quotaPerMinute == 10 && limits.effectivePerMinute == 5 && limits.monthUsed == 1 && limits.monthBudget == 100)
        #expect(limits.notBefore?.description.hasPrefix("2026-01-01T01:00:") == true, "\(limits)")
        let next = try await bench.run()
        #expect(next.errors.map(\.type) == [.rateLimited] && server.requests.count == 1, "\(next.errors)")
    }

    @Test func filesHaveNoLimits() throws {
        let status = try #require(Workbench().runs.sources().first)
        #expect(status.limits == nil && status.quotaPerMinute == nil)
    }
}

@Suite struct UTCMonthTests {
    @Test func theYearEndsWithDecember() {
        // 2026-12-31T23:59:59.999Z
        let december = UTCMonth(of: 1_798_761_599_999)
        #expect(december.number == 202_612 && december.next.number == 202_701 && december.next.start == 1_798_761_600_000)
        #expect(UTCMonth(of: 1_798_761_600_000) == december.next)
        #expect(UTCMonth(number: 202_612) == december && UTCMonth(number: 202_613) == nil && UTCMonth(number: 202_600) == nil)
    }

    @Test func aMonthFarAheadIsNotBelieved() {
        let present = UTCMonth(of: 1_798_761_599_999)
        #expect(present.next.seen(from: present) == present.next)
        #expect(present.next.next.seen(from: present) == present)
    }
}

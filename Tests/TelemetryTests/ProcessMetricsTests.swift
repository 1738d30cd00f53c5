import Testing

@testable import Telemetry

@Suite struct ProcessMetricsTests {
    @Test func aProgramNameMayHoldParenthesesAndBlanks() throws {
        let fields = (3...24).map { "\($0 * 100)" }.joined(separator: " ")
        let status = try #require(
            ProcessStatus.parse(Array("42 (a) b) (c) \(fields)\n".utf8), ticksPerSecond: 100, pageBytes: 4096)
        )
        #expect(status.cpuSeconds == 29)
        #expect(status.startedAfterBootSeconds == 22)
        #expect(status.virtualBytes == 2300)
        #expect(status.residentBytes == 2400 * 4096)
    }

    @Test func aShortLineIsNoStatus() {
        #expect(ProcessStatus.parse(Array("42 (a) S 1 2".utf8), ticksPerSecond: 100, pageBytes: 4096) == nil)
        #expect(ProcessStatus.parse([], ticksPerSecond: 100, pageBytes: 4096) == nil)
    }

    @Test func thisProcessIsMeasured() {
        let registry = PrometheusRegistry(onMisuse: { _, _ in })
        registry.registerProcessMetrics()
        let text = String(decoding: registry.render(), as: UTF8.self)
        for name in [
            "process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
            "process_open_fds", "process_max_fds", "process_start_time_seconds",
        ] {
            #expect(text.contains("\n\(name) "), "\(name) is missing")
            #expect(text.contains("# HELP \(name) "))
        }
        #expect(!text.contains("process_resident_memory_bytes 0\n"))
    }
}

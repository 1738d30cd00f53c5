import Glibc

/// The standard `process_` metrics and the build's identity.
extension PrometheusRegistry {
    /// Adds `process_cpu_seconds_total`, `process_resident_memory_bytes`, `process_virtual_memory_bytes`,
    /// `process_open_fds`, `process_max_fds` and `process_start_time_seconds`, read from `/proc/self` at each scrape.
    /// A value that cannot be read is left out of the scrape rather than shown as 0.
    package func registerProcessMetrics() {
        // Not at 0 from the start: a scrape that cannot read a value leaves it out.
        for metric in Self.processMetrics { declare(metric.name, help: metric.help, type: metric.type) }
        let bootTime = ProcessStatus.bootTimeSeconds()
        onScrape { registry in
            if let status = ProcessStatus.read() {
                registry.setCounter("process_cpu_seconds_total", to: status.cpuSeconds)
                registry.setGauge("process_resident_memory_bytes", to: status.residentBytes)
                registry.setGauge("process_virtual_memory_bytes", to: status.virtualBytes)
                if let bootTime {
                    registry.setGauge("process_start_time_seconds", to: bootTime + status.startedAfterBootSeconds)
                }
            }
            if let open = ProcessStatus.openFileDescriptors() {
                registry.setGauge("process_open_fds", to: Double(open))
            }
            var limit = rlimit()
            if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
                registry.setGauge("process_max_fds", to: Double(limit.rlim_cur))
            }
        }
    }

    /// Adds `kasparro_build_info{version,swift} 1`.
    package func registerBuildInfo(version: String, swift: String = swiftVersion) {
        declare(Self.buildInfo, given: ["version": [version], "swift": [swift]])
        set(Self.buildInfo, [("version", version), ("swift", swift)], to: 1)
    }

    /// What `registerProcessMetrics` adds.
    package static let processMetrics = [
        MetricDefinition("process_cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds."),
        MetricDefinition("process_resident_memory_bytes", .gauge, "Resident memory size in bytes."),
        MetricDefinition("process_virtual_memory_bytes", .gauge, "Virtual memory size in bytes."),
        MetricDefinition("process_open_fds", .gauge, "Number of open file descriptors."),
        MetricDefinition("process_max_fds", .gauge, "Maximum number of open file descriptors."),
        MetricDefinition("process_start_time_seconds", .gauge, "Start time of the process since the Unix epoch in seconds."),
    ]

    /// What `registerBuildInfo` adds.
    package static let buildInfo = MetricDefinition(
        "kasparro_build_info",
        .gauge,
        "Always 1: its labels name the running version and the Swift that built it.",
        labels: [MetricLabel("version", .given("version")), MetricLabel("swift", .given("swift"))]
    )
}

/// The compiler's version as far as the language lets a program know it.
package var swiftVersion: String {
    #if compiler(>=6.4)
    "6.4 or newer"
    #elseif compiler(>=6.3)
    "6.3"
    #elseif compiler(>=6.2)
    "6.2"
    #else
    "older than 6.2"
    #endif
}

/// What `/proc/self/stat` says (proc_pid_stat(5)).
struct ProcessStatus {
    var cpuSeconds: Double
    var startedAfterBootSeconds: Double
    var virtualBytes: Double
    var residentBytes: Double

    static func read() -> ProcessStatus? {
        guard let text = contents(of: "/proc/self/stat") else { return nil }
        return parse(
            text,
            ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))),
            pageBytes: Double(sysconf(Int32(_SC_PAGESIZE)))
        )
    }

    /// The second field is the program's name in parentheses and may hold blanks and parentheses itself, so fields are
    /// counted from the last closing one, after which field 3 follows.
    static func parse(_ text: [UInt8], ticksPerSecond: Double, pageBytes: Double) -> ProcessStatus? {
        guard ticksPerSecond > 0, let close = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = text[(close + 1)...].split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
        func field(_ number: Int) -> Double? {
            let index = number - 3
            return index < fields.count ? Double(String(decoding: fields[index], as: UTF8.self)) : nil
        }
        guard let user = field(14), let system = field(15), let start = field(22), let virtual = field(23),
            let residentPages = field(24)
        else { return nil }
        return ProcessStatus(
            cpuSeconds: (user + system) / ticksPerSecond,
            startedAfterBootSeconds: start / ticksPerSecond,
            virtualBytes: virtual,
            residentBytes: residentPages * pageBytes
        )
    }

    /// The `btime` line of `/proc/stat`: seconds since the epoch.
    static func bootTimeSeconds() -> Double? {
        guard let text = contents(of: "/proc/stat") else { return nil }
        for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: "btime ".utf8) {
            return Double(String(decoding: line.dropFirst(6), as: UTF8.self))
        }
        return nil
    }

    /// Entries of `/proc/self/fd`, without the descriptor that reads them.
    static func openFileDescriptors() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var entries = 0
        while let entry = readdir(directory) {
            if entry.pointee.d_name.0 != CChar(bitPattern: UInt8(ascii: ".")) { entries += 1 }
        }
        return entries - 1
    }

    /// A whole small file of `/proc`, whose size is not known before it is read.
    static func contents(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var result: [UInt8] = []
        while true {
            let chunk = [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
                count = max(0, Glibc.read(descriptor, buffer.baseAddress!, buffer.count))
            }
            if chunk.isEmpty { return result }
            result.append(contentsOf: chunk)
        }
    }
}

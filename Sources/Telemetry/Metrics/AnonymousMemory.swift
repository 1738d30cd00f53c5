import Glibc

/// The memory of this process that is not of files: heap, stacks and the program's own data. The kernel can take back pages of files whenever it needs
/// them; these stay.
package enum AnonymousMemory {
    /// Bytes in memory now; nil where `/proc` does not say.
    package static func residentBytes() -> Int? {
        ProcessStatus.contents(of: "/proc/self/statm").flatMap { parse($0, pageBytes: sysconf(Int32(_SC_PAGESIZE))) }
    }

    /// The second field counts resident pages, the third those of them that belong to files (proc_pid_statm(5)).
    static func parse(_ text: [UInt8], pageBytes: Int) -> Int? {
        let fields = text.split(separator: UInt8(ascii: " ")).map { Int(String(decoding: $0, as: UTF8.self)) }
        guard fields.count > 2, let resident = fields[1], let ofFiles = fields[2], ofFiles <= resident else { return nil }
        return (resident - ofFiles) * pageBytes
    }
}

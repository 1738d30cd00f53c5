import Glibc

/// Recorded answers and files of real sources, where the machine has them: the directory named by the environment
/// variable `KASPARRO_RECORDINGS`, else a usual place beside the package.
package enum Recordings {
    package static let directory: String? = {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let candidates = [getenv("KASPARRO_RECORDINGS").map { String(cString: $0) }, "/" + root + "/../shared/data"]
        return candidates.compactMap { $0 }.first { !files(in: $0, ending: "").isEmpty }
    }()

    /// The files with this ending, in the directory and below it, in name order.
    package static func files(ending: String) -> [String] {
        directory.map { files(in: $0, ending: ending).sorted() } ?? []
    }

    package static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 { return content }
            content.append(contentsOf: piece[..<count])
        }
    }

    private static func files(in directory: String, ending: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var found: [String] = []
        while let entry = readdir(stream) {
            let isDirectory = entry.pointee.d_type == UInt8(DT_DIR)
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".") { continue }
            let path = directory + "/" + name
            if isDirectory {
                found += files(in: path, ending: ending)
            } else if name.hasSuffix(ending) {
                found.append(path)
            }
        }
        return found
    }
}

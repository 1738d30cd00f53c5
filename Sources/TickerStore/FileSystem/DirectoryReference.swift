import Glibc

/// An open directory under a name that is short whatever its own is: `/proc/self/fd/N`, good in this process for as long as the value lives.
///
/// The address of a unix socket has room for about a hundred bytes (sun_path, unix(7)); a data directory may be deeper than that.
package final class DirectoryReference: Sendable {
    private let descriptor: Int32

    /// - Throws: when the directory cannot be opened.
    package init(_ path: String) throws(FileError) {
        descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw FileError("open", path, errno) }
    }

    deinit { Glibc.close(descriptor) }

    /// The short name.
    package var path: String { "/proc/self/fd/\(descriptor)" }
}

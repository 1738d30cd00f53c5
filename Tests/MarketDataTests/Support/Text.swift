import Glibc

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }

func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// Three-way answers as -1, 0 or 1.
func sign(_ value: Int) -> Int { value.signum() }

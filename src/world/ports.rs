//! Who listens on a local port: a server is trusted only when its owner is the same user or root.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long a listener may take to be connected to; on loopback the kernel answers for it at once.
const PATIENCE: Duration = Duration::from_millis(50);

/// The owner of a loopback listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Nobody listens there.
    Nobody,
    /// We do, or root does.
    Trusted,
    /// Somebody else does.
    Foreign,
    /// This platform does not tell.
    Unknown,
}

/// Who listens on 127.0.0.1:`port` (or on all addresses). The owner is known on Linux only, from the kernel's socket
/// table; reading that takes tens of milliseconds on some machines, so it is read only where a connection is taken.
#[must_use]
pub fn owner(port: u16) -> Owner {
    if refused(port) {
        return Owner::Nobody;
    }
    let (Ok(four), six) = (std::fs::read_to_string("/proc/net/tcp"), std::fs::read_to_string("/proc/net/tcp6")) else {
        return Owner::Unknown;
    };
    #[cfg(unix)]
    let me = super::files::own_uid().ok();
    #[cfg(not(unix))]
    let me = None;
    from_table(&four, &six.unwrap_or_default(), port, me)
}

/// The name and the number of a process that listens at an address, or in its way. Known on Linux only, and of the user's own
/// processes unless he is root.
#[must_use]
pub fn listener(at: SocketAddr) -> Option<(String, u32)> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| std::fs::read_to_string(table).unwrap_or_default());
    let sockets: Vec<String> = tables.iter().flat_map(|table| inodes(table, at)).collect();
    if sockets.is_empty() {
        return None;
    }
    let numbered = |entry: std::fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    std::fs::read_dir("/proc").ok()?.flatten().filter_map(numbered).find_map(|process| {
        let held = std::fs::read_dir(format!("/proc/{process}/fd")).ok()?.flatten();
        let mut links = held.filter_map(|fd| std::fs::read_link(fd.path()).ok());
        links.find(|link| sockets.iter().any(|socket| link.as_os_str() == socket.as_str()))?;
        Some((called(process)?, process))
    })
}

/// The name of a process. Known on Linux only.
#[must_use]
pub fn called(process: u32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
    Some(name.trim().to_owned())
}

/// Sockets of a kernel's table that listen on this port, at this address or at every one, as links of `/proc` name them.
fn inodes(table: &str, at: SocketAddr) -> Vec<String> {
    let word = |bytes: &[u8]| bytes.iter().rev().map(|b| format!("{b:02X}")).collect::<String>();
    let own = match at.ip() {
        IpAddr::V4(ip) => word(&ip.octets()),
        IpAddr::V6(ip) => ip.octets().chunks(4).map(word).collect(),
    };
    let socket = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (address, number) = fields.get(1)?.split_once(':')?;
        let here = at.ip().is_unspecified() || address.chars().all(|c| c == '0') || address == own;
        let listens = fields.get(3) == Some(&"0A") && u16::from_str_radix(number, 16) == Ok(at.port());
        fields.get(9).filter(|_| here && listens).map(|inode| format!("socket:[{inode}]"))
    };
    table.lines().skip(1).filter_map(socket).collect()
}

/// Nobody takes connections there. A listener that is merely busy is not taken for nobody.
fn refused(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, PATIENCE).is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionRefused)
}

/// Reads the kernel's socket tables. Every listener that could take a connection to 127.0.0.1 on this
/// port must be ours or root's: with `SO_REUSEPORT` there may be several.
fn from_table(four: &str, six: &str, port: u16, me: Option<u32>) -> Owner {
    const LISTEN: &str = "0A";
    let loopback = format!("{:08X}", u32::from(Ipv4Addr::LOCALHOST).swap_bytes());
    let mut found = Owner::Nobody;
    for (line, v6) in four.lines().skip(1).map(|l| (l, false)).chain(six.lines().skip(1).map(|l| (l, true))) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (Some(local), Some(state), Some(uid)) = (fields.get(1), fields.get(3), fields.get(7)) else { continue };
        let Some((address, number)) = local.split_once(':') else { continue };
        if *state != LISTEN || u16::from_str_radix(number, 16) != Ok(port) {
            continue;
        }
        // IPv6: the wildcard takes IPv4 too unless told otherwise; ::ffff:127.0.0.1 is written with the v4 part last.
        let reachable = if v6 {
            address.chars().all(|c| c == '0') || address.ends_with(&loopback)
        } else {
            address == "00000000" || address == loopback
        };
        if !reachable {
            continue;
        }
        let uid = uid.parse::<u32>().ok();
        let trusted = uid == Some(0) || (uid.is_some() && uid == me);
        found = match (found, trusted) {
            (Owner::Foreign, _) | (_, false) => Owner::Foreign,
            _ => Owner::Trusted,
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    fn line(address: &str, port: u16, state: &str, uid: u32) -> String {
        format!(
            "   0: {address}:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 {uid:>5} 0 1\n"
        )
    }

    #[test]
    fn nobody_listens_on_an_empty_table() {
        assert_eq!(from_table(HEAD, HEAD, 11434, Some(1000)), Owner::Nobody);
    }

    #[test]
    fn root_and_ourselves_are_trusted_and_others_are_not() {
        for (uid, expected) in [(0, Owner::Trusted), (1000, Owner::Trusted), (1001, Owner::Foreign)] {
            let table = format!("{HEAD}{}", line("0100007F", 11434, "0A", uid));
            assert_eq!(from_table(&table, HEAD, 11434, Some(1000)), expected, "uid {uid}");
        }
    }

    #[test]
    fn one_foreign_listener_among_ours_spoils_the_port() {
        let table = format!("{HEAD}{}{}", line("0100007F", 1234, "0A", 1000), line("00000000", 1234, "0A", 7));
        assert_eq!(from_table(&table, HEAD, 1234, Some(1000)), Owner::Foreign);
    }

    #[test]
    fn connected_sockets_other_ports_and_other_addresses_do_not_count() {
        let table = format!(
            "{HEAD}{}{}{}",
            line("0100007F", 1234, "01", 7),
            line("0100007F", 1235, "0A", 7),
            line("0100A8C0", 1234, "0A", 7)
        );
        assert_eq!(from_table(&table, HEAD, 1234, Some(1000)), Owner::Nobody);
    }

    #[test]
    fn a_wildcard_on_ipv6_takes_ipv4_too() {
        let table = format!("{HEAD}{}", line("00000000000000000000000000000000", 1234, "0A", 7));
        assert_eq!(from_table(HEAD, &table, 1234, Some(1000)), Owner::Foreign);
    }

    #[test]
    fn who_listens_is_found_at_its_address_and_at_every_one() {
        let table = format!("{HEAD}{}", line("0100007F", 1234, "0A", 7));
        for (at, found) in [
            ("127.0.0.1:1234", true),
            ("0.0.0.0:1234", true),
            ("127.0.0.1:1235", false),
            ("192.168.0.1:1234", false),
            ("[::1]:1234", false),
        ] {
            let sockets = inodes(&table, at.parse().unwrap());
            assert_eq!(sockets, if found { vec!["socket:[1]".to_owned()] } else { Vec::new() }, "{at}");
        }
        let six = format!("{HEAD}{}", line("00000000000000000000000001000000", 1234, "0A", 7));
        assert_eq!(inodes(&six, "[::1]:1234".parse().unwrap()).len(), 1);
        let all = format!("{HEAD}{}", line("00000000000000000000000000000000", 1234, "0A", 7));
        assert_eq!(inodes(&all, "10.0.0.1:1234".parse().unwrap()).len(), 1);
        let left = format!("{HEAD}{}", line("0100007F", 1234, "01", 7));
        assert!(inodes(&left, "127.0.0.1:1234".parse().unwrap()).is_empty(), "a connection is no door");
    }
}

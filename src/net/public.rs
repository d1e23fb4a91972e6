//! Addresses that somebody else named: nothing on this machine or in its network is reached through them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Everybody may reach it: neither this machine nor a private network, nor an address that stands for one of these.
#[must_use]
pub(super) fn public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => public_v4(ip),
        IpAddr::V6(ip) => public_v6(ip),
    }
}

fn public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        // Shared by carriers; for protocols; for benchmarks.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn public_v6(ip: Ipv6Addr) -> bool {
    // Translated, tunnelled or mapped: what counts is the address inside.
    let [head, second, .., sixth, high, low] = ip.segments();
    let inside = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match head {
        0 if sixth == 0xffff => inside(high, low),
        0x64 if second == 0xff9b => inside(high, low),
        0x2002 => inside(second, ip.segments()[2]),
        // Only this eighth is given out to anybody; the rest of it that is not is for documents and tunnels.
        _ => (0x2000..0x4000).contains(&head) && !(head == 0x2001 && (second < 0x200 || second == 0xdb8)),
    }
}

/// Resolves names to public addresses alone; a name of which one address is not public has none. Proxies' own names are
/// resolved here too, and may lead home: what they are asked for was looked at before (`Net::away`).
#[derive(Debug, Default)]
pub(super) struct Public {
    /// Hosts of proxies.
    pub(super) proxies: Vec<String>,
}

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        let proxy = self.proxies.iter().any(|host| host.eq_ignore_ascii_case(name.as_str()));
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            match proxy || found.iter().all(|address| public(address.ip())) {
                true => Ok(Box::new(found.into_iter()) as Addrs),
                false => Err(format!("{} is no public address", name.as_str()).into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_at_home_is_public_however_it_is_spelled() {
        for home in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.7",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "100::1",
        ] {
            assert!(!public(home.parse().unwrap()), "{home}");
        }
        for away in
            ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::8.8.8.8", "2002:808:808::"]
        {
            assert!(public(away.parse().unwrap()), "{away}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_not_resolved() {
        assert!(Public::default().resolve("localhost".parse().unwrap()).await.is_err());
    }

    #[tokio::test]
    async fn a_proxy_at_home_is_reached_by_its_name() {
        let public = Public { proxies: vec!["Localhost".to_owned()] };
        assert!(public.resolve("localhost".parse().unwrap()).await.is_ok());
    }
}
